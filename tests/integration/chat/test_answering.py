"""Answers: sentences of the sources, word for word, each with its place; or that there is none."""

import re

from tests.integration.chat.library import Library
from tests.integration.chat.test_indexing import passages

from sightglass_retrieval.minilm import MiniLM

HANDBOOK = passages(
    "# Holidays\nEach employee has thirty days of holiday a year. Days that are left go on to March.",
    "# Travel\nTrain tickets are booked by the office. Taxis are paid back up to forty euros a trip.",
    "# Security\nVisitors wear a yellow badge. Badges are returned at the front desk before leaving.",
)


async def test_an_answer_is_made_of_sentences_of_its_sources(library: Library, model: MiniLM) -> None:
    await library.document(HANDBOOK, title="Handbook", ref="handbook")
    await library.index(model=model)
    turn = await library.ask("How many days of holiday does an employee have?", model=model)
    assert (turn["status"], turn["answered"]) == ("done", True)
    assert turn["answer"].startswith("Each employee has thirty days of holiday a year. [1]")
    sources = "\n".join(passage["text"] for passage in HANDBOOK)
    for sentence in re.split(r" \[\d+\] ?", turn["answer"]):
        assert sentence in sources
    (citation,) = turn["citations"]
    assert (citation["n"], citation["document_ref"], citation["title"]) == (1, "handbook", "Handbook")
    assert citation["snippet"].startswith("Each employee has thirty days")
    kinds = [event["kind"] for event in turn["events"]]
    assert (kinds[0], kinds[-3:]) == ("retrieval", ["citation", "usage", "done"])
    assert "".join(event["data"]["text"] for event in turn["events"] if event["kind"] == "delta") == turn["answer"]


async def test_what_no_source_says_is_not_answered_and_the_nearest_are_named(library: Library, model: MiniLM) -> None:
    await library.document(HANDBOOK, title="Handbook")
    await library.index(model=model)
    turn = await library.ask("Which volcano erupted near Naples in antiquity?", model=model)
    assert (turn["status"], turn["answered"], turn["citations"]) == ("done", False, [])
    assert turn["answer"] == "Nothing in your data answers this."
    assert turn["events"][0]["data"]["results"]
    assert turn["events"][-1]["data"] == {"answered": False}


async def test_without_a_model_words_decide(library: Library) -> None:
    await library.document(HANDBOOK, title="Handbook")
    await library.index()
    turn = await library.ask("What do visitors wear?")
    assert turn["answer"].startswith("Visitors wear a yellow badge. [1]")


async def test_a_question_about_nothing_is_answered_plainly(library: Library, model: MiniLM) -> None:
    turn = await library.ask("Is anything here?", model=model)
    assert (turn["status"], turn["answered"]) == ("done", False)


async def test_other_tenants_sources_are_no_sources(library: Library, other: Library, model: MiniLM) -> None:
    await other.document(HANDBOOK, title="Handbook")
    await other.index(model=model)
    turn = await library.ask("How many days of holiday does an employee have?", model=model)
    assert (turn["answered"], turn["events"][0]["data"]) == (False, {"results": [], "withheld": 0})
