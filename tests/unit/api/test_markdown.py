"""Conversations as Markdown: what is shown is what was said, and nothing of it does anything."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sightglass_api.conversations.markdown import head, place_of, plain, turn
from sightglass_api.conversations.schemas import Citation, Conversation, DeletedCitation, Turn
from sightglass_api.jobs.schemas import JobStatus

AT = datetime(2026, 5, 4, 3, 2, tzinfo=UTC)
ID = UUID(int=7)
RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SIGNS = st.text(alphabet="ab1 .-+=#>*_`~[]()!<>&;|\\:/@$\t\n\"'", max_size=60)


def citation(**changed: object) -> Citation:
    facts: dict[str, object] = {
        "n": 1, "segment_id": "s", "dataset_id": ID, "document_id": ID, "document_ref": None, "title": "a_b.md",
        "locator": {"page": 3, "line": {"from": 2, "to": 9}}, "snippet": "Red <b>one</b>\n# of two",
    }  # fmt: skip
    return Citation.model_validate(facts | changed)


def a_turn(**changed: object) -> Turn:
    facts: dict[str, object] = {
        "turn_id": ID, "question": "Which *valve*?", "status": JobStatus.DONE, "answered": True, "generated": False,
        "answer": "The red one. [1]", "usage": None, "citations": [citation()], "error": None, "feedback": None,
        "created_at": AT, "finished_at": AT,
    }  # fmt: skip
    return Turn.model_validate(facts | changed)


def inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or ()]


@given(SIGNS)
@example("![x](http://example.com) <img src=x> [a]: b")
@example("1. a\n- b\n# c\n    code\n===")
def test_a_text_is_shown_sign_by_sign_and_is_nothing_but_text(text: str) -> None:
    tokens = RENDERER.parse(plain(text))
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    shown = inline(tokens)
    assert {token.type for token in shown} <= {"text", "hardbreak", "text_special"}
    words = "".join("\n" if token.type == "hardbreak" else token.content for token in shown)
    assert words.split() == text.split()


@pytest.mark.parametrize("address", ["https://a.example.com/x", "www.example.com", "ann@example.com"])
def test_no_renderer_makes_a_link_of_an_address(address: str) -> None:
    assert address not in plain(f"See {address} now.")
    assert RENDERER.render(plain(address)) == f"<p>{address}</p>\n"


def test_a_turn_has_its_question_its_answer_and_where_that_stands() -> None:
    assert turn(a_turn()) == (
        "\n---\n\n> Which \\*valve\\*?\n\nThe red one. \\[1\\]\n"
        "\n\\[1\\] a\\_b.md, page 3, line 2-9\n\n> Red \\<b\\>one\\</b\\>  \n> \\# of two\n"
    )
    withheld = turn(a_turn(answer=None, citations=[DeletedCitation(n=1, deleted=True)]))
    assert withheld.endswith("_The answer was withheld._\n\n\\[1\\] _deleted_\n")
    assert "_No answer: cancelled._" in turn(a_turn(answer=None, status=JobStatus.CANCELLED, citations=[]))


def test_a_conversation_begins_with_its_title() -> None:
    facts = {"conversation_id": ID, "bot_id": None, "bot_version": None, "dataset_ids": None, "created_at": AT}
    assert head(Conversation.model_validate(facts | {"title": "Of\n#1 #"})) == "# Of \\#1 \\#\n\n2026-05-04 03:02 UTC\n"
    assert head(Conversation.model_validate(facts | {"title": ""})).startswith("# Conversation\n")


def test_a_video_is_cited_with_its_times() -> None:
    assert place_of(citation(start_us=75_000_000, end_us=3_675_000_000)) == "1:15-1:01:15"
