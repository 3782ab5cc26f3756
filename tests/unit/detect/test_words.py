"""Context words: where one is found, and of which value it is the label."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_detect import scan
from sightglass_detect.engine.words import Words

SSN = "536904399"


@pytest.mark.parametrize(
    "label", ["ssn", "SSN", "customerSSN", "ssn_no", "ssnNumber", "SSN1", "x.ssn", "social-security", "socialSecurity"]
)
def test_a_word_is_found_in_names(label: str) -> None:
    assert [f.detector for f in scan(f"{label}={SSN}")] == ["us-ssn"]


@pytest.mark.parametrize("label", ["lessn", "ssnx", "f3ssn9a", "sSn", "1ssn", "ssn1234", "éssn", "SSNs9z"])
def test_a_part_of_another_word_or_of_a_token_is_no_word(label: str) -> None:
    assert scan(f"{label}={SSN}") == []


@pytest.mark.parametrize(
    "text",
    [
        f"ssn: unknown, order: {SSN}",
        f'{{"ssn": null, "order": "{SSN}"}}',
        f"order {SSN}, ssn: none",
        f"ssn {'.' * 60} {SSN}",
        f"{SSN} {'.' * 40} ssn",
    ],
)
def test_the_label_of_another_value_or_one_far_away_is_no_context(text: str) -> None:
    assert scan(text) == []


def test_a_word_behind_the_value_is_context() -> None:
    assert [f.detector for f in scan(f"{SSN} (SSN)")] == ["us-ssn"]


def test_words_of_scripts_without_spaces_need_none() -> None:
    assert Words(("身份证",)).near("他的身份证号码是".encode() + b"1", 24, 25, (50, 30))


@given(st.text(max_size=40), st.sampled_from(["ssn", "social security", "carte d'identité", "личный номер"]))
def test_no_word_is_missed_by_the_quick_look(text: str, word: str) -> None:
    for written in (word, word.upper(), word.title(), word.replace(" ", "_")):
        assert Words((word,))._regex_in(f"{text} {written} {text}".encode())
