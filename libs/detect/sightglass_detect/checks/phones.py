"""Telephone numbers: country codes of ITU-T E.164, and how numbers are written inside countries."""

import re
from typing import Final

from sightglass_detect.checks.checksums import digits_of, one_digit_repeated

# ITU-T E.164, list of assigned country codes (2016 and the bulletins since).
_CODE: Final = re.compile(
    r"[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|21[1-368]|2[2-6]\d|29[01789]|35\d|37[0-8]|38[0-35-79]|42[013]|50\d|59\d"
    r"|67[02-9]|68\d|69[0-2]|80[08]|85[02356]|87[08]|88[0-368]|96[0-8]|97[0-79]|99[2-68]"
)
# Digits after the country code, where the national plans are narrower than E.164's fifteen in all.
_NATIONAL: Final = {
    "1": (10, 10), "7": (10, 10), "31": (9, 9), "32": (8, 9), "33": (9, 9), "34": (9, 9), "39": (6, 12), "41": (9, 9),
    "44": (9, 10), "45": (8, 8), "46": (7, 10), "47": (8, 8), "48": (9, 9), "49": (6, 13), "52": (10, 11),
    "55": (10, 11), "61": (9, 9), "64": (8, 10), "65": (8, 8), "81": (9, 10), "82": (8, 10), "86": (10, 12),
    "90": (10, 10), "91": (10, 10),
}  # fmt: skip

_EXTENSION: Final = re.compile(rb"(?:x|ext|#)", re.IGNORECASE)
# 05.11.2023 12:30 and 2023-11-05: what looks like groups of a number, and is a day.
_DAY: Final = re.compile(rb"\d{2}([-./])\d{2}\1(?:19|20)\d\d|(?:19|20)\d\d([-./])\d{2}\2\d{2}(?!\d)")


def phone_international(value: bytes) -> bool:
    """`+` or `00`, a country code in use, and as many digits as its plan has; `(0)` is not one of them."""
    number = _EXTENSION.split(value)[0].replace(b"(0)", b"").lstrip(b"(")
    digits = digits_of(number).decode()
    if not number.startswith(b"+"):
        if not digits.startswith("00"):
            return False
        digits = digits[2:]
    code = _CODE.match(digits)
    if code is None or not 8 <= len(digits) <= 15:
        return False
    least, most = _NATIONAL.get(code[0], (5, 12))
    national = digits[code.end() :]
    # Germans and others write the trunk zero after the code without brackets too.
    return least <= len(national) <= most + national.startswith("0") and not one_digit_repeated(national.encode())


def phone_north_america(value: bytes) -> bool:
    """Ten digits, or eleven with a 1 before them: as written, it need not be a number that is given out."""
    digits = digits_of(_EXTENSION.split(value)[0])
    if len(digits) == 13 and digits[:3] == b"001":
        digits = digits[3:]
    elif len(digits) == 11 and digits[:1] == b"1":
        digits = digits[1:]
    return len(digits) == 10 and not one_digit_repeated(digits)


def phone_trunk(value: bytes) -> bool:
    """A number inside a country with its trunk zero: 0121 496 0123, 01 23 45 67 89, (089) 1234567, 06-12345678."""
    digits = digits_of(value)
    least = 8 if b"(" in value or value[2:3] == b"-" else 9  # (022) 48744 in Ireland, 08-11 95 69 in Stockholm
    if digits[:1] != b"0" or not least <= len(digits) <= 13 or len(set(digits)) < 3:
        return False
    counted = digits.startswith(b"0102030405")
    return not counted and (b"(" in value or digits[1:2] != b"0") and not _DAY.match(value)


def phone_trunk_bare(value: bytes) -> bool:
    """The same in one row: ten or eleven digits, the second no 0, and not the digits in their order."""
    return value[:1] == b"0" and value[1:2] != b"0" and len(set(value)) >= 4 and value[:10] != b"0123456789"


# Written in groups without a trunk zero. ES and PL by nines; IN 98765 43210; IT 347 1234567; CN 138 1234 5678;
# AU 1300 123 456; BR 11 91234-5678 and 11 3123-4567; RU and KZ 8 916 123-45-67.
_REGIONAL: Final = re.compile(
    rb"[5-9]\d\d[ .-]\d{3}[ .-]\d{3}|[6789]\d\d(?:[ .-]\d\d){3}|[6-9]\d{4}[ -]\d{5}"
    rb"|3\d\d[ .-]\d{6,7}|3\d\d \d{3} \d{3,4}|1[3-9]\d[ -]\d{4}[ -]\d{4}|1[38]00[ -]\d{3}[ -]\d{3}"
    rb"|\(?[1-9][1-9]\)? ?-?(?:\d{4,5}-\d{4}|(?:9\d{4}|[2-5]\d{3}) \d{4})"
    rb"|8[ -]?\(?[347-9]\d\d\)?[ -]?\d{3}[ -]\d\d[ -]?\d\d"
)


def phone_regional(value: bytes) -> bool:
    """Groups that only some countries have, with the leading digits that they have there."""
    return _REGIONAL.fullmatch(value) is not None and not _DAY.match(value)


def phone_bare(value: bytes) -> bool:
    """Seven digits to thirteen, in one row or grouped as other numbers are too."""
    digits = digits_of(value)
    return 7 <= len(digits) <= 13 and len(set(digits)) >= 3
