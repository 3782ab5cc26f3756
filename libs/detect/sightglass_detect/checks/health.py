"""Numbers of health care: US NPI and DEA, record numbers."""

from typing import Final

from sightglass_detect.checks.checksums import luhn, one_digit_repeated, weighted

# DEA: registrant types of practitioners, mid-level practitioners and distributors.
_REGISTRANTS: Final = b"ABCDEFGHJKLMPRSTUX"


def npi(value: bytes) -> bool:
    """Ten digits from 1 or 2, Luhn with 80840 before them (CMS, NPI standard; ISO 7812 issuer 80840)."""
    return value[:1] in {b"1", b"2"} and luhn(b"80840" + value)


def dea(value: bytes) -> bool:
    """Two letters (or a letter and 9) and seven digits: (1st+3rd+5th) + 2 (2nd+4th+6th) ends in the seventh."""
    digits = value[2:]
    if value[:1] not in _REGISTRANTS or not digits.isdigit() or one_digit_repeated(digits):
        return False
    return weighted(digits[:6], (1, 2, 1, 2, 1, 2)) % 10 == digits[6] - 48


def record_number(value: bytes) -> bool:
    """Five digits or more among its characters, and not one repeated: each hospital numbers as it likes."""
    digits = bytes(c for c in value if 48 <= c <= 57)
    return len(digits) >= 5 and not one_digit_repeated(digits)
