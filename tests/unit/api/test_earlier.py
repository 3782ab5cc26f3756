"""What clients of OpenAI say was said before: pairs by turns, the newest that there is room for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sightglass_api.openai.earlier import pairs
from sightglass_api.openai.schemas import Message, NewCompletion

ROLES = st.sampled_from(["system", "developer", "user", "assistant", "tool", "function"])
SAID = st.builds(
    Message, role=ROLES, content=st.sampled_from(["", " ", "a", "b c", None]) | st.text("ab \n\u00fc", max_size=5)
)


def said(*texts: str) -> list[Message]:
    roles = {"u": "user", "a": "assistant", "s": "system", "t": "tool"}
    return [Message.model_validate({"role": roles[text[0]], "content": text[1:]}) for text in texts]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (["s1", "uq1", "aa1", "uq2", "aa2"], [("q1", "a1"), ("q2", "a2")]),
        (["agreeting", "uq1", "uq2", "aa1", "t1", "aa2"], [("q1\nq2", "a1\na2")]),
        (["uq1", "aa1", "unobody answered"], [("q1", "a1")]),
        ([], []),
    ],
)
def test_a_question_goes_with_its_answer(messages: list[str], expected: list[tuple[str, str]]) -> None:
    assert pairs(said(*messages)) == expected


@given(st.lists(SAID, max_size=12))
def test_nothing_is_added_and_no_text_is_empty(messages: list[Message]) -> None:
    users = "\n".join(one.text for one in messages if one.role == "user")
    for question, answer in pairs(messages):
        assert question.strip()
        assert answer.strip()
        assert all(part in users for part in question.split("\n"))


def test_of_more_than_there_is_room_for_the_last_stays() -> None:
    found = pairs(said(*(text for n in range(50) for text in (f"uq{n}", f"aa{n}"))))
    assert (len(found), found[-1]) == (20, ("q49", "a49"))
    long = "x" * 15_000
    assert pairs(said("uq0", f"a{long}", "uq1", f"a{long}", "uq2", f"a{long}")) == [("q1", long), ("q2", long)]


def test_the_question_is_the_users_last_message_and_limits_have_two_names() -> None:
    messages = [{"role": "user", "content": " one "}, {"role": "user", "content": "two"}, {"role": "assistant"}]
    new = NewCompletion.model_validate({"model": "m", "messages": messages, "max_tokens": 9})
    assert (new.question, [one.text for one in new.before], new.most_tokens) == ("two", [" one "], 9)
    assert new.model_copy(update={"max_completion_tokens": 5}).most_tokens == 5


@pytest.mark.parametrize("wrong", [{"temperature": 2.1}, {"temperature": -1}, {"max_tokens": 0}, {"max_tokens": 2**64}])
def test_what_no_model_takes_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewCompletion.model_validate({"model": "m", "messages": [{"role": "user", "content": "q"}]} | wrong)
