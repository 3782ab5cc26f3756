"""Values that are hidden, and numbers that were misread."""

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.detect.texts import texts

from sightglass_detect import Finding, Settings, scan
from sightglass_detect.normalise import normalised
from sightglass_detect.ocr import reread

_NORMALISE = Settings(normalise=True)
_OCR = Settings(ocr=True)
# What each is found as, with a word that says so: numbers of all sorts, an address, a token.
_VALUES = {
    "us-ssn": "ssn {} here",
    "payment-card": "card {} here",
    "iban": "iban {} here",
    "email": "mail {} here",
    "aws-access-key-id": "key {} here",
}
_PLAIN = {
    "us-ssn": "536-90-4399",
    "payment-card": "4111 1111 1111 1111",
    "iban": "DE89370400440532013000",
    "email": "ann@example.com",
    "aws-access-key-id": "AKIAQ3EGMZ7VBN2RTYUK",
}
_UNSEEN = "\u200b\u200d\u2060\ufeff\u202e\u2066\u00ad"


def _with_unseen(value: str, seed: int) -> str:
    return (
        "".join(c + _UNSEEN[(seed + i) % len(_UNSEEN)] * ((seed >> i) & 1) for i, c in enumerate(value[:-1]))
        + value[-1]
    )


def _full_width(value: str, seed: int) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and (seed >> i) & 1 else c for i, c in enumerate(value))


def _in_base64(value: str, seed: int) -> str:
    encode = base64.urlsafe_b64encode if seed & 1 else base64.b64encode
    return encode(value.encode()).decode()


def _in_url(value: str, seed: int) -> str:
    return "".join(f"%{ord(c):02x}" if (seed >> i) & 1 else quote(c) for i, c in enumerate(value))


def _in_hex(value: str, seed: int) -> str:
    return value.encode().hex().upper() if seed & 1 else value.encode().hex()


_HIDDEN: list[Callable[[str, int], str]] = [_with_unseen, _full_width, _in_base64, _in_url, _in_hex]


def _places(found: list[Finding]) -> list[tuple[str, int, int]]:
    return [(f.detector, f.start, f.end) for f in found]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(_VALUES)), st.sampled_from(_HIDDEN), st.integers(0, 2**30), st.booleans())
def test_a_value_that_is_hidden_is_found_at_its_place(
    detector: str, hide: Callable[[str, int], str], seed: int, in_bytes: bool
) -> None:
    hidden = hide(_PLAIN[detector], seed)
    before, _, after = _VALUES[detector].partition("{}")
    if in_bytes:
        text, start, end = (before + hidden + after).encode(), len(before), len((before + hidden).encode())
    else:
        text, start, end = before + hidden + after, len(before), len(before + hidden)
    assert (detector, start, end) in _places(scan(text, settings=_NORMALISE)), text


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["", " ", "-", ".", " - ", "/"]), min_size=15, max_size=15))
def test_a_number_is_found_whatever_stands_between_its_digits(between: list[str]) -> None:
    number = "4" + "".join(separator + "1" for separator in between)
    found = scan(f"my card: {number} is new", settings=_NORMALISE)
    assert ("payment-card", 9, 9 + len(number)) in _places(found)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_a_text_with_nothing_hidden_gives_what_the_plain_mode_gives(text: str) -> None:
    if not [*normalised(text.encode())]:
        assert scan(text, settings=_NORMALISE) == scan(text)


def test_a_value_in_the_middle_of_what_is_encoded_has_the_place_of_what_holds_it() -> None:
    inner = "name: Ann, mail: ann@example.com, since: 2020"
    for encoded, decode in (
        (base64.b64encode(inner.encode()).decode(), base64.b64decode),
        (inner.encode().hex(), bytes.fromhex),
    ):
        text = f"blob={encoded} end"
        (found,) = [f for f in scan(text, settings=_NORMALISE) if f.detector == "email"]
        held = text[found.start : found.end]
        assert len(held) < len(text) / 2
        at = text.index("=") + 1
        first = (found.start - at) // 4 * 4 + at
        assert b"ann@example.co" in decode(text[first : first + (len(held) + 8) // 4 * 4])


def test_of_what_stands_before_an_encoded_value_nothing_is_told_that_is_cut() -> None:
    number = "9" * 9 + "4111111111111111"
    encoded = base64.b64encode(b"write to ann@example.com").decode()
    for filling in range(1, 60):
        text = f"card {number}{' ' * filling}{encoded}"
        assert [f.detector for f in scan(text, settings=_NORMALISE)] == ["email"], filling


def test_each_of_many_encoded_values_is_found_at_its_place() -> None:
    values = [base64.b64encode(f"person{number}@example.com".encode()).decode() for number in range(500)]
    text = " ".join(values)
    found = [text[f.start : f.end] for f in scan(text, settings=_NORMALISE)]
    assert found == values


@pytest.mark.parametrize(
    ("text", "detector"),
    [
        ("paid with 41I1 11l1 1111 1111", "payment-card"),
        ("iban DE89 37O4 0044 O532 0130 00", "iban"),
        ("ssn 536-9O-4399", "us-ssn"),
        ("card S5S5 5555 5555 4444", "payment-card"),
    ],
)
def test_a_misread_number_that_passes_its_check_is_probable(text: str, detector: str) -> None:
    assert not scan(text)
    (found,) = scan(text, settings=_OCR)
    assert (found.detector, found.confidence, found.end) == (detector, 0.65, len(text))
    assert not scan(text, settings=Settings(ocr=True, min_confidence=0.7))


def test_beside_a_misread_number_others_are_told_as_ever_and_once() -> None:
    found = scan("ssn 536-9O-4399 and ssn 536-90-4398", settings=_OCR)
    assert [(f.start, f.confidence) for f in found] == [(4, 0.65), (24, 0.92)]


@pytest.mark.parametrize("text", ["card 41I1 11l1 1111 1112", "iban DE89 37O4 0044 O532 0130 01", "order OO1S5-8B2"])
def test_a_misread_number_that_fails_its_check_is_nothing(text: str) -> None:
    assert not scan(text, settings=_OCR)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_no_finding_is_lost_by_reading_a_text_as_misread(text: str) -> None:
    assert set(scan(text)) <= set(scan(text, settings=_OCR))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0OIl15SB8.- xDE%=", max_size=300))
def test_no_text_is_stumbled_over(text: str) -> None:
    data = text.encode()
    for view in (*normalised(data), *reread(data)):
        assert view.data is not None
    scan(text, settings=Settings(normalise=True, ocr=True, min_confidence=0))
