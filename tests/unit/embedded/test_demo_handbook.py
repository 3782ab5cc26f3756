"""The demo's handbook: what is planted is replaced, what is asked stands in it, and a wrong answer shows."""

from typing import Any

import pytest
from tests.unit.client.fake_api import KEY, FakeApi
from tests.unit.client.fake_corpus import CITATION, TURN, answered, document
from tests.unit.client.server import served
from tests.unit.scanner.documents.reading import DETECTION, MOST_CHARS, said

from sightglass_embedded.demo_chat import asked, leaked
from sightglass_embedded.demo_handbook import PLANTED, QUESTIONS, SCREEN, Question, documents
from sightglass_scanner.documents.drafting import batches
from sightglass_scanner.readers.source import BytesSource

CITED = CITATION | {"document_id": "d-u1"}


def redacted() -> dict[str, str]:
    """What can be searched of each document, by its file's name or its own id."""
    files = documents()
    texts = {name: said(content, name) for name, content in files.items() if not name.endswith(".jsonl")}
    for batch in batches(BytesSource(files["faq.jsonl"]), DETECTION, MOST_CHARS):
        for row, contents in batch.documents:
            assert row.ref
            texts[row.ref] = "\n".join(str(passage.text) for rows in contents for passage in rows.passages)
    return texts


def test_what_is_planted_is_in_the_files_once_and_in_nothing_that_is_indexed() -> None:
    texts = redacted()
    assert leaked("\n".join(texts.values()), PLANTED) == []
    tokens = [word for text in texts.values() for word in text.split() if "#1]" in word]
    assert len(tokens) == len(PLANTED)


def test_each_question_has_its_answer_in_a_document_of_its_own_and_in_no_other() -> None:
    texts = redacted()
    for question in QUESTIONS:
        of_documents = [] if question.source == SCREEN else [question.source]
        assert [name for name, text in texts.items() if question.says in text] == of_documents
    assert len({question.source for question in QUESTIONS}) == len(QUESTIONS) == 5


def test_there_are_nine_formats() -> None:
    assert len({name.rpartition(".")[2] for name in documents()}) == 9


@pytest.mark.parametrize(
    "written", ["4539 5787 6362 1486", "4539578763621486", "4539-5787-6362-1486", "4539\n57876362 1486"]
)
def test_a_value_leaks_however_it_is_written(written: str) -> None:
    assert leaked(f"It is {written}.", PLANTED) == [PLANTED[0]]
    assert leaked("It is [PAYMENT_CARD#1].", PLANTED) == []


@pytest.mark.parametrize(
    ("turn", "hit"),
    [
        ({}, True),
        ({"citations": [CITED | {"document_id": "another"}]}, False),
        ({"citations": []}, False),
        ({"answer": "Refunds are never paid."}, False),
        ({"answer": None, "answered": False}, False),
        ({"citations": [CITED | {"snippet": "within ten days, to 4539 5787 6362 1486"}]}, False),
    ],
)
def test_an_answer_hits_that_says_it_from_its_source_and_leaks_nothing(
    turn: dict[str, Any], hit: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    api = FakeApi()
    for job_id in ("j-u1", "j1"):
        api.a_job(job_id, status="done")
    api.corpus.documents = [document("d-u1", "s-u1", redactions=2)]
    api.corpus.streams = [lambda _: iter(answered())]
    api.corpus.turn = TURN | {"citations": [CITED]} | turn
    question = Question("When are refunds paid?", "travel.md", "within ten days")
    with served(api) as url:
        (result,) = asked({"travel.md": b"# Trains\n"}, [question], PLANTED, url=url, api_key=KEY)
    assert (result["hit"], result["expected_source"], result["answer"]) == (hit, "travel.md", api.corpus.turn["answer"])
    shown = capsys.readouterr().out
    assert "1 files, 1 of 1 documents ready, 2 values replaced" in shown
    assert ("missing:" in shown) is not hit
