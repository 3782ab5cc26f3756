"""Numbers of people in France, Spain, Italy, Portugal and Turkey."""

import re
from typing import Final

from sightglass_detect.checks.checksums import bare, digits_of, one_digit_repeated, weighted
from sightglass_detect.checks.days import is_short_day

# INSEE: sex, year, month (20-42 and 50-99: not known, or of foreign papers), department (2A, 2B: Corsica), place,
# order.
_NIR: Final = re.compile(rb"[12378]\d\d(?:0[1-9]|1[0-2]|[2-3]\d|4[0-2]|[5-9]\d)(?:\d\d|2A|2B)(\d{3})(\d{3})(\d\d)")

_NIF_LETTERS: Final = b"TRWAGMYFPDXBNJZSQVHLCKE"  # Ministerio del Interior, "Cálculo del dígito de control del NIF-NIE"
_NIE_DIGITS: Final = {b"X": b"0", b"Y": b"1", b"Z": b"2"}

# DM 23 December 1976, no. 13813: the months' letters; letters that stand for digits where two people's codes are the
# same; what a character counts for in an odd place.
_CF_MONTHS: Final = b"ABCDEHLMPRST"
_CF_DIGITS: Final = bytes.maketrans(b"LMNPQRSTUV", b"0123456789")
_CF_ODD: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def fr_nir(value: bytes) -> bool:
    """Thirteen characters, and 97 less their remainder by 97, with 2A as 19 and 2B as 18."""
    text = bare(value)
    match = _NIR.fullmatch(text)
    if match is None or match[1] == b"000" or match[2] == b"000":
        return False
    number = int(text[:13].replace(b"2A", b"19").replace(b"2B", b"18"))
    return 97 - number % 97 == int(match[3])


def es_nif(value: bytes) -> bool:
    """Eight digits (of foreigners: X, Y or Z, and seven), and the letter of their remainder by 23."""
    text = bare(value)
    number = _NIE_DIGITS.get(text[:1], text[:1]) + text[1:8]
    if len(text) != 9 or not number.isdigit() or one_digit_repeated(number):
        return False
    return _NIF_LETTERS[int(number) % 23] == text[8]


def it_codice_fiscale(value: bytes) -> bool:
    """Letters of the names, a day (of women with 40 added), a place, and a letter by two tables mod 26."""
    text = bare(value)
    digits = bytes(text[i] for i in (6, 7, 9, 10)).translate(_CF_DIGITS)
    if len(text) != 16 or not digits.isdigit() or text[8] not in _CF_MONTHS:
        return False
    day = int(digits[2:]) % 40
    if int(digits[2:]) > 71 or not is_short_day(digits[:2], _CF_MONTHS.index(text[8]) + 1, day):
        return False
    odd = sum(_CF_ODD[_place(c)] for c in text[0:15:2])
    return (odd + sum(_place(c) for c in text[1:15:2])) % 26 == text[15] - 65


def _place(c: int) -> int:
    return c - 48 if c < 65 else c - 65


def pt_nif(value: bytes) -> bool:
    """Nine digits, weights 9 to 2, mod 11; the first tells people (1, 2, 3, 45) and bodies (5 to 9)."""
    digits = digits_of(value)
    if len(digits) != 9 or (digits[:1] in {b"0", b"4"} and digits[:2] != b"45") or one_digit_repeated(digits):
        return False
    return (11 - weighted(digits[:8], range(9, 1, -1)) % 11) % 11 % 10 == digits[8] - 48


def tr_kimlik(value: bytes) -> bool:
    """Eleven digits: the tenth from 7 times the odd places less the even, the last from the sum of all (NVİ)."""
    if len(value) != 11 or not value.isdigit() or value[:1] == b"0":
        return False
    digits = [c - 48 for c in value]
    tenth = (7 * sum(digits[0:9:2]) - sum(digits[1:8:2])) % 10
    return tenth == digits[9] and sum(digits[:10]) % 10 == digits[10]
