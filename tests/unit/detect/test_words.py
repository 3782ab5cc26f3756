"""Context words: where one is found, and of which value it is the label."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sightglass_detect import scan
from sightglass_detect.engine.rules import entropy, has_entropy
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


_WORDS = ("ssn", "social security", "carte d'identité", "numéro de passeport", "id no", "личный номер", "身份证")


@given(
    st.lists(st.sampled_from([*_WORDS, " ", "_", "-", "=", "é", "x", "1", "A"]), max_size=8),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from([" ", "_", "", " - "]),
    st.integers(0, 9),
)
@example(["carte d'identité"], str.title, " - ", 0)
@example(["личный номер"], str.title, " - ", 0)
def test_the_quick_look_misses_no_word(pieces: list[str], case: Callable[[str], str], joint: str, first: int) -> None:
    words = Words(tuple(word for word in _WORDS if word in pieces) or _WORDS)
    text = case("".join(pieces)).replace(" ", joint).encode()
    everywhere = [match.span() for match in words._regex.finditer(text, first)]
    assert [match.span() for match in words._written(text, first, len(text))] == everywhere


@given(st.binary(min_size=1, max_size=60), st.floats(0.1, 6))
def test_how_many_kinds_of_bytes_there_are_tells_of_entropy_what_the_sum_tells(value: bytes, least: float) -> None:
    assert has_entropy(value, least) == (entropy(value) >= least)
    assert has_entropy(value, entropy(value))
