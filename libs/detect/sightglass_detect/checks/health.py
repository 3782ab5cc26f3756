"""Numbers of health care: US NPI, DEA and MBI."""

import re
from typing import Final

from sightglass_detect.checks.checksums import luhn, one_digit_repeated, weighted

# CMS, "Understanding the Medicare Beneficiary Identifier (MBI) format": C numeric 1-9, A letter without S L O I B Z,
# N numeric, AN either; hyphens are for reading only.
_A: Final = rb"[AC-HJKMNP-RT-Y]"
_MBI: Final = re.compile(rb"[1-9]%b[0-9AC-HJKMNP-RT-Y]\d-?%b[0-9AC-HJKMNP-RT-Y]\d-?%b%b\d\d" % (_A, _A, _A, _A))
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


def mbi(value: bytes) -> bool:
    """Eleven characters, each place of its own kind; MBI has no check digit."""
    return _MBI.fullmatch(value) is not None


def record_number(value: bytes) -> bool:
    """Five digits or more among its characters, and not one repeated: each hospital numbers as it likes."""
    digits = bytes(c for c in value if 48 <= c <= 57)
    return len(digits) >= 5 and not one_digit_repeated(digits)
