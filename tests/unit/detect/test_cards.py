"""Card numbers of the schemes, in all lengths and groups; and numbers that only look like them."""

import random

import pytest

from sightglass_detect import Settings, scan
from sightglass_detect.checks.checksums import luhn

_CARDS = Settings(detectors=frozenset({"payment-card"}))
# First digits and lengths by scheme, from what the schemes publish; apart from the table that is tested.
_SCHEMES = {
    "visa": (["4"], [13, 16, 19]),
    "mastercard": (["51", "55", "2221", "2720"], [16]),
    "american express": (["34", "37"], [15]),
    "discover": (["6011", "644", "65"], [16, 19]),
    "diners": (["300", "305", "36", "38"], [14, 16]),
    "jcb": (["3528", "3589"], [16, 19]),
    "jcb of old": (["2131", "1800"], [15]),
    "unionpay": (["62"], [16, 17, 18, 19]),
    "maestro": (["5018", "5020", "5038", "5893", "6304", "6759", "6761", "6763", "0604", "6390"], [12, 13, 16, 18, 19]),
    "mir": (["2200", "2204"], [16, 19]),
    "rupay": (["508500", "606985", "608500", "652150", "817200"], [16]),
    "elo": (["636368", "509000", "627780"], [16]),
    "hipercard": (["606282"], [16]),
    "troy": (["9792"], [16]),
}
_GROUPS = {12: "444", 13: "445", 14: "464", 15: "465", 16: "4444", 17: "44441", 18: "44442", 19: "44443"}


def _number(rng: random.Random, start: str, length: int) -> str:
    body = start + "".join(rng.choices("0123456789", k=length - 1 - len(start)))
    return next(body + digit for digit in "0123456789" if luhn((body + digit).encode()))


def _grouped(number: str, separator: str) -> str:
    parts, at = list[str](), 0
    for size in map(int, _GROUPS[len(number)]):
        parts.append(number[at : at + size])
        at += size
    return separator.join(parts)


@pytest.mark.parametrize("scheme", _SCHEMES)
@pytest.mark.parametrize("separator", ["", " ", "-"])
def test_a_number_of_a_scheme_is_found_without_a_word(scheme: str, separator: str) -> None:
    rng = random.Random(scheme)
    starts, lengths = _SCHEMES[scheme]
    for start, length in ((s, n) for s in starts for n in lengths):
        number = _number(rng, start, length)
        written = _grouped(number, separator) if separator else number
        found = [(f.start, f.end) for f in scan(f"paid with {written} today", settings=_CARDS)]
        assert found == [(10, 10 + len(written))], written


@pytest.mark.parametrize("length", range(12, 20))
def test_a_number_in_one_row_without_a_word_is_not_of_high_confidence(length: int) -> None:
    rng = random.Random(length)
    rows = "\n".join("".join(rng.choices("0123456789", k=length)) for _ in range(2_000))
    assert not [f for f in scan(rows, settings=_CARDS) if f.confidence >= 0.8]


def test_a_part_of_a_longer_row_is_no_card() -> None:
    assert not scan("4111111111111111" * 2, settings=_CARDS)
    assert not scan("x4111111111111111", settings=_CARDS)
    assert not scan("4111111111111111.5", settings=_CARDS)
