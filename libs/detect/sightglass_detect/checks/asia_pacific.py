"""Numbers of people in India, Australia, Singapore, Korea, China and South Africa."""

from typing import Final

from sightglass_detect.checks.checksums import digits_of, luhn, mod_11_2, one_digit_repeated, verhoeff, weighted
from sightglass_detect.checks.days import is_day, is_short_day

# Income Tax Department: the fourth letter of a PAN, what the holder is (a person, a firm, a trust, ...).
_PAN_HOLDERS: Final = b"ABCFGHJKLPT"
_NRIC_WEIGHTS: Final = (2, 7, 6, 5, 4, 3, 2)
# ICA does not publish them; as deduced by Ngiam Shih Tung (1999), and for M, of 2022, by the makers of validators.
_NRIC_LETTERS: Final = {
    **dict.fromkeys(b"ST", b"JZIHGFEDCBA"),
    **dict.fromkeys(b"FG", b"XWUTRQPNMLK"),
    **dict.fromkeys(b"M", b"XWUTRQPNJLK"),
}
_NRIC_OFFSETS: Final = {**dict.fromkeys(b"SF", 0), **dict.fromkeys(b"TG", 4), **dict.fromkeys(b"M", 3)}
_RRN_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_RRN_CENTURIES: Final = (1800, 1900, 1900, 2000, 2000, 1900, 1900, 2000, 2000, 1800)  # by the seventh digit
# GB/T 2260: provinces, and since 2018 81 to 83 for residents of Hong Kong, Macau and Taiwan.
_PROVINCES: Final = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83)
)


def in_aadhaar(value: bytes) -> bool:
    """Twelve digits from 2 upwards, not the same read backwards, Verhoeff (UIDAI)."""
    digits = digits_of(value)
    return len(digits) == 12 and digits[:1] not in {b"0", b"1"} and digits != digits[::-1] and verhoeff(digits)


def in_pan(value: bytes) -> bool:
    """A kind of holder in the fourth place, a serial that is not 0000; how the last letter is made is not public."""
    return value[3] in _PAN_HOLDERS and value[5:9] != b"0000"


def au_tfn(value: bytes) -> bool:
    """Nine digits, weights 1, 4, 3, 7, 5, 8, 6, 9, 10, mod 11 (ATO)."""
    digits = digits_of(value)
    if len(digits) != 9 or one_digit_repeated(digits):
        return False
    return weighted(digits, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def au_medicare(value: bytes) -> bool:
    """Eight digits from 2 to 6, their digit by weights 1, 3, 7, 9, an issue; perhaps the place on the card."""
    digits = digits_of(value)
    if len(digits) not in {10, 11} or not 50 <= digits[0] <= 54 or one_digit_repeated(digits[1:8]):
        return False
    return weighted(digits[:8], (1, 3, 7, 9) * 2) % 10 == digits[8] - 48 and digits[9] != 48


def sg_nric(value: bytes) -> bool:
    """A letter for the kind and century, seven digits, a letter by their weights mod 11."""
    letters = _NRIC_LETTERS.get(value[0])
    if letters is None or not value[1:8].isdigit() or one_digit_repeated(value[1:8]):
        return False
    return letters[(weighted(value[1:8], _NRIC_WEIGHTS) + _NRIC_OFFSETS[value[0]]) % 11] == value[8]


def kr_rrn(value: bytes) -> bool:
    """A day, a digit for century and sex, and the last digit by weights mod 11.

    Numbers given out since October 2020 have no check digit (행정안전부), so that none is asked of who was born since.
    """
    digits = digits_of(value)
    if len(digits) != 13:
        return False
    year = _RRN_CENTURIES[(digits[6] - 48) % 10] + int(digits[:2])
    if year >= 2040 or not is_day(year, int(digits[2:4]), int(digits[4:6])) or one_digit_repeated(digits[7:]):
        return False
    since = (year, int(digits[2:4])) >= (2020, 10)
    return since or (11 - weighted(digits[:12], _RRN_WEIGHTS) % 11) % 10 == digits[12] - 48


def cn_resident(value: bytes) -> bool:
    """A province, a day, and ISO 7064 mod 11-2 over all eighteen (GB 11643)."""
    if len(value) != 18 or not value[:17].isdigit() or int(value[:2]) not in _PROVINCES:
        return False
    year = int(value[6:10])
    return 1880 <= year < 2040 and is_day(year, int(value[10:12]), int(value[12:14])) and mod_11_2(value.upper())


def za_id(value: bytes) -> bool:
    """A day, a serial, 0 (citizen), 1 (resident) or 2 (refugee), Luhn (Identification Act)."""
    digits = digits_of(value)
    if len(digits) != 13 or digits[10:11] not in {b"0", b"1", b"2"}:
        return False
    return is_short_day(digits[:2], int(digits[2:4]), int(digits[4:6])) and luhn(digits)
