"""Numbers of people in Germany, Switzerland, the Netherlands and Belgium."""

from typing import Final

from sightglass_detect.checks.checksums import digits_of, mod_11_10, mrz_digit, one_digit_repeated, weighted
from sightglass_detect.checks.days import is_day

# BMI, "Serien- und Zugangsnummern": letters that cannot be taken for others.
_ID_CARD: Final = frozenset(b"0123456789CFGHJKLMNPRTVWXYZ")


def de_tax_id(value: bytes) -> bool:
    """Eleven digits without a leading 0, ISO 7064 mod 11,10 (BZSt, "Prüfziffernberechnung der IdNr.").

    Of the first ten, one digit stands twice (since 2016: or three times, not in a row), and no other more than once.
    """
    digits = digits_of(value)
    if len(digits) != 11 or digits[:1] == b"0":
        return False
    counts = sorted((digits[:10].count(d), d) for d in set(digits[:10]))
    most, digit = counts[-1]
    if most not in {2, 3} or any(count > 1 for count, _ in counts[:-1]) or bytes([digit]) * 3 in digits[:10]:
        return False
    return mod_11_10(digits)


def de_id_card(value: bytes) -> bool:
    """Nine characters and their digit by the weights 7, 3, 1; the first stands for the town hall."""
    return (
        len(value) == 10
        and all(c in _ID_CARD for c in value[:9])
        and value[9:].isdigit()
        and mrz_digit(value[:9]) == value[9] - 48
    )


def ch_ahv(value: bytes) -> bool:
    """756 and the digit of EAN-13 (ZAS, AHVN13)."""
    digits = digits_of(value)
    return len(digits) == 13 and digits[:3] == b"756" and weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


def nl_bsn(value: bytes) -> bool:
    """The eleven-test: weights 9 to 2 and -1 (RvIG)."""
    digits = digits_of(value)
    if len(digits) != 9 or one_digit_repeated(digits):
        return False
    return weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def be_national(value: bytes) -> bool:
    """A day, a serial, and 97 less the remainder by 97, with a 2 before the number for those born since 2000 (IBZ).

    The month has 20 or 40 added in the numbers of people who are not in the national register (BIS).
    """
    digits = digits_of(value)
    if len(digits) != 11:
        return False
    number, check = int(digits[:9]), int(digits[9:])
    centuries = [c for c, n in ((1900, number), (2000, 2_000_000_000 + number)) if 97 - n % 97 == check]
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    while month > 12 and digits[2:3] in b"23456":
        month -= 20
    return any(_is_known_day(century + year, month, day) for century in centuries)


def _is_known_day(year: int, month: int, day: int) -> bool:
    # 00 stands for a month or a day that is not known.
    return 0 <= month <= 12 and day <= 31 and (month == 0 or day == 0 or is_day(year, month, day))
