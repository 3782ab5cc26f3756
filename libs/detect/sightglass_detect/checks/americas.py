"""Numbers of people and firms in the United States, Canada and Brazil."""

from typing import Final

from sightglass_detect.checks.checksums import bare, digits_of, luhn, one_digit_repeated

# IRS, "How EINs are assigned and valid EIN prefixes": those that no campus has.
_NO_CAMPUS: Final = frozenset({0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97})


def us_ssn(value: bytes) -> bool:
    """Area 001-899 but 666, group 01-99, serial 0001-9999 (SSA, "Randomization", 2011); there is no check digit."""
    digits = digits_of(value)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    if len(digits) != 9 or one_digit_repeated(digits):
        return False
    return area not in {b"000", b"666"} and area < b"900" and group != b"00" and serial != b"0000"


def us_itin(value: bytes) -> bool:
    """Area 900-999 with a group of 50-65, 70-88, 90-92 or 94-99 (IRS, Publication 1915)."""
    digits = digits_of(value)
    if len(digits) != 9 or digits[:1] != b"9":
        return False
    group = int(digits[3:5])
    return 50 <= group <= 65 or 70 <= group <= 88 or (90 <= group <= 99 and group != 93)


def us_ein(value: bytes) -> bool:
    """A prefix that an IRS campus has, or the Small Business Administration; there is no check digit."""
    digits = digits_of(value)
    return len(digits) == 9 and int(digits[:2]) not in _NO_CAMPUS and not one_digit_repeated(digits[2:])


def ca_sin(value: bytes) -> bool:
    """Luhn; the first digit is a province's (1-7) or that of temporary residents (9).

    Three numbers up to 255 with spaces between are a colour; one SIN in 60 is such.
    """
    digits = digits_of(value)
    if b" " in value and all(int(part) <= 255 for part in value.split()):
        return False
    return len(digits) == 9 and digits[:1] not in {b"0", b"8"} and not one_digit_repeated(digits) and luhn(digits)


def br_cpf(value: bytes) -> bool:
    """Eleven digits, the last two by weights 10..2 and 11..2 mod 11 (Receita Federal)."""
    digits = digits_of(value)
    return len(digits) == 11 and not one_digit_repeated(digits) and _ends_in_mod_11(digits, longest=11)


def br_cnpj(value: bytes) -> bool:
    """Twelve digits (since July 2026 letters too, as their ASCII code less 48), and two by weights 2..9 mod 11.

    Receita Federal, Instrução Normativa 2.229/2024.
    """
    text = bare(value)
    if len(text) != 14 or not text[12:].isdigit() or one_digit_repeated(text):
        return False
    return _ends_in_mod_11(text, longest=9)


def _ends_in_mod_11(text: bytes, *, longest: int) -> bool:
    """The last two characters, each from those before it: weights 2 to `longest` from the right, over and over."""
    for end in (len(text) - 2, len(text) - 1):
        rest = sum((c - 48) * (2 + i % (longest - 1)) for i, c in enumerate(reversed(text[:end]))) % 11
        if text[end] - 48 != (0 if rest < 2 else 11 - rest):
            return False
    return True
