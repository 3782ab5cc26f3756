"""Numbers of people in Britain and the north: GB, SE, FI, DK, PL."""

import re
from typing import Final

from sightglass_detect.checks.checksums import bare, digits_of, luhn, one_digit_repeated, weighted
from sightglass_detect.checks.days import is_day, is_short_day

# HMRC, NIM39110: letters and pairs that no prefix has.
_NINO: Final = re.compile(rb"(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z]\d{6}[A-D]")

# Digital and population data services agency: the sign of the century, since 2023 several for one, and the 31 signs.
_HETU: Final = re.compile(rb"(\d{2})(\d{2})(\d{2})([-+A-FU-Y])(\d{3})([0-9A-Z])")
_HETU_SIGNS: Final = b"0123456789ABCDEFHJKLMNPRSTUVWXY"
_HETU_CENTURIES: Final = {43: 1800, **dict.fromkeys(b"-UVWXY", 1900), **dict.fromkeys(b"ABCDEF", 2000)}

_PESEL_WEIGHTS: Final = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
_PESEL_CENTURIES: Final = (1900, 2000, 2100, 2200, 1800)  # by 20 months each


def uk_nino(value: bytes) -> bool:
    """A prefix that is given out, six digits, a suffix of A to D; there is no check digit."""
    return _NINO.fullmatch(bare(value)) is not None


def uk_nhs(value: bytes) -> bool:
    """Ten digits, weights 10 to 2, mod 11 (NHS Data Dictionary, NHS NUMBER)."""
    digits = digits_of(value)
    if len(digits) != 10 or one_digit_repeated(digits):
        return False
    return (11 - weighted(digits[:9], range(10, 1, -1)) % 11) % 11 == digits[9] - 48


def se_personnummer(value: bytes) -> bool:
    """A day (with 60 added: coordination number), a serial, Luhn over the ten digits without the century (SKV 704)."""
    digits = digits_of(value)
    if len(digits) == 12:
        if not b"1800" <= digits[:4] < b"2040":
            return False
        digits = digits[2:]
    if len(digits) != 10:
        return False
    month, day = int(digits[2:4]), int(digits[4:6])
    return is_short_day(digits[:2], month, day - 60 if day > 60 else day) and luhn(digits)


def fi_hetu(value: bytes) -> bool:
    """A day, a sign for the century, a serial of 002-899, and the sign of its remainder by 31."""
    match = _HETU.fullmatch(value)
    if match is None:
        return False
    day, month, year, century, serial, check = match.groups()
    number = int(day + month + year + serial)
    if _HETU_SIGNS[number % 31] != check[0] or not 2 <= int(serial) <= 899:
        return False
    return is_day(_HETU_CENTURIES[century[0]] + int(year), int(month), int(day))


def dk_cpr(value: bytes) -> bool:
    """A day and a serial. Its mod 11 is not asked for: since 2007 numbers are given out that fail it (CPR-kontoret)."""
    digits = digits_of(value)
    if len(digits) != 10 or digits[6:] == b"0000":
        return False
    return is_short_day(digits[4:6], int(digits[2:4]), int(digits[:2]))


def pl_pesel(value: bytes) -> bool:
    """A day whose month holds the century, and weights 1, 3, 7, 9 mod 10 (ustawa o ewidencji ludności)."""
    if len(value) != 11 or not value.isdigit() or weighted(value, _PESEL_WEIGHTS) % 10:
        return False
    century, month = divmod(int(value[2:4]), 20)
    return is_day(_PESEL_CENTURIES[century] + int(value[:2]), month, int(value[4:6]))
