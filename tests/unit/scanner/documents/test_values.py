"""Flagged values: each is found wherever it stands, however many there are."""

from hypothesis import given
from hypothesis import strategies as st

from sightglass_detect import Finding, Severity
from sightglass_scanner.documents.values import FlaggedValues, whole_characters

WIDE = "".join(chr(0xFF10 + int(digit)) for digit in "123456789012")


def known(*values: bytes) -> FlaggedValues:
    """Values that stood by themselves."""
    some = FlaggedValues()
    for value in values:
        some.add(b" " + value + b" ", Finding(1, 1 + len(value), "us-ssn", 0.9, Severity.HIGH))
    return some


def covered(some: FlaggedValues, data: bytes) -> set[int]:
    return {at for place in some.places(data) for at in range(place.start, place.end)}


@given(
    st.lists(st.text(alphabet="abc ", min_size=8, max_size=12), min_size=1, max_size=30), st.text("abc ", max_size=300)
)
def test_every_occurrence_of_a_long_value_is_covered(values: list[str], text: str) -> None:
    data = text.encode()
    expected = {
        at
        for value in values
        for start in range(len(text))
        if text.startswith(value, start)
        for at in range(start, start + len(value))
    }
    assert covered(known(*(value.encode() for value in values)), data) == expected


@given(
    st.lists(st.text(alphabet="ab1", min_size=1, max_size=4), min_size=1, max_size=30), st.text("ab1 -", max_size=200)
)
def test_a_short_value_is_covered_where_it_is_a_word(values: list[str], text: str) -> None:
    spans: list[tuple[int, str]] = []
    at = 0
    for word in text.replace("-", " ").split(" "):
        spans.append((at, word))
        at += len(word) + 1
    expected = {i for start, word in spans if word in values for i in range(start, start + len(word))}
    assert covered(known(*(value.encode() for value in values)), text.encode()) == expected


def test_a_short_value_that_stood_in_a_word_is_found_in_words() -> None:
    some = FlaggedValues()
    some.add(b"pin4711x", Finding(3, 7, "pin", 0.9, Severity.HIGH))
    assert [(place.start, place.end) for place in some.places(b"a4711b")] == [(1, 5)]


def test_case_and_separators_do_not_hide_a_value() -> None:
    some = known(b"AB-1234-5678", b"1234 5678 9012")
    for text in (b"ab-1234-5678", b"123456789012", b"1234-5678-9012", WIDE.encode()):
        assert covered(some, text) == set(range(len(text)))


def test_many_values_that_begin_alike_are_told_apart() -> None:
    some = known(*(b"+49 170 %07d" % n for n in range(2000)))
    assert covered(some, b"x +49 170 0001999 y +49 170 0002000") == set(range(2, 17))


def test_places_are_moved_to_whole_characters() -> None:
    place = Finding(2, 4, "us-ssn", 0.9, Severity.HIGH)
    assert whole_characters("a水b水".encode(), [place]) == [(1, 4, "us-ssn")]
