"""Payment cards: issuers' number ranges, and what stands on the magnetic stripe (ISO/IEC 7812, 7813)."""

from bisect import bisect_right
from typing import Final

from sightglass_detect.checks.checksums import digits_of, luhn, one_digit_repeated

_LONG: Final = frozenset(range(16, 20))
_ANY: Final = frozenset(range(12, 20))
_16: Final = frozenset({16})

# First and last leading digits of a range, and the lengths given out in it. From what the schemes publish (Visa,
# Mastercard, American Express, Discover and Diners, JCB, UnionPay, NSPK for Mir, NPCI for RuPay, Elo, BKM for Troy,
# ...); 1 (UATP) is left out: its only mark is one digit. Ranges of a scheme that lie within another's are not repeated.
_RANGES: Final = sorted(
    (
        ("4", "4", frozenset({13, 16, 19})),  # Visa
        ("51", "55", _16),  # Mastercard
        ("222100", "272099", _16),  # Mastercard, from 2017
        ("34", "34", frozenset({15})),  # American Express
        ("37", "37", frozenset({15})),
        ("300", "305", frozenset(range(14, 20))),  # Diners Club
        ("309", "309", frozenset(range(14, 20))),
        ("36", "36", frozenset(range(14, 20))),
        ("38", "39", frozenset(range(14, 20))),
        ("6011", "6011", _LONG),  # Discover
        ("644", "649", _LONG),
        ("65", "65", _LONG),  # Discover; RuPay, Elo, Troy and Verve have parts of it
        ("35", "35", _LONG),  # JCB has 3528 to 3589, RuPay some of the rest; made-up cards begin with any of 35
        ("1800", "1800", frozenset({15})),  # JCB, before 2000
        ("2131", "2131", frozenset({15})),
        ("62", "62", _LONG),  # UnionPay; 627780 Elo
        ("810", "822", _LONG),  # UnionPay; 817200 to 820199 RuPay
        ("31", "31", frozenset({19})),  # China T-Union
        ("50", "50", _ANY),  # Maestro; RuPay 508, Elo 509, Verve 506, Dankort 5019
        ("56", "58", _ANY),  # Maestro; UzCard 5614
        ("0604", "0604", _ANY),  # Maestro, as Laser gave it out
        ("6304", "6304", _ANY),
        ("6333", "6334", _LONG),  # Switch, Solo
        ("636", "639", _ANY),  # InterPayment, Elo 636297 and 636368, InstaPayment, Maestro 6390
        ("67", "67", _ANY),  # Maestro, Bancontact, Laser, Solo
        ("2200", "2205", _LONG),  # Mir; 2205 Borica
        ("6040", "6042", _LONG),  # UkrCard, Cabal
        ("6054", "6054", _16),  # the Transnistrian NPS
        ("6062", "6062", _LONG),  # Hipercard
        ("606985", "608500", _16),  # RuPay
        ("1946", "1946", _LONG),  # GPN
        ("8600", "8600", _16),  # UzCard
        ("9860", "9860", _16),  # Humo
        ("9704", "9704", _LONG),  # Napas
        ("9792", "9792", _16),  # Troy
    ),
    key=lambda r: r[0].ljust(6, "0"),
)
_FIRST: Final = [int(first.ljust(6, "0")) for first, _, _ in _RANGES]
_LAST: Final = [int(last.ljust(6, "9")) for _, last, _ in _RANGES]


def payment_card(value: bytes) -> bool:
    """A number of an issuer's range, of a length the issuer has, with Luhn's digit right."""
    digits = digits_of(value)
    if not 12 <= len(digits) <= 19:
        return False
    leading = int(digits[:6])
    at = bisect_right(_FIRST, leading) - 1
    if at < 0 or leading > _LAST[at] or len(digits) not in _RANGES[at][2]:
        return False
    return not one_digit_repeated(digits) and luhn(digits)


def card_track(value: bytes) -> bool:
    """Track 1 or 2 of ISO/IEC 7813: a card's number, and a month of expiry after the separator."""
    if b"^" in value:
        number, _, after = value.split(b"^", 2)
    else:
        number, after = value.split(b"=", 1)
    return payment_card(number) and 1 <= int(after[2:4]) <= 12


def security_code(value: bytes) -> bool:
    """Three digits, or four (American Express): 000 and a year of these decades are none."""
    return value.strip(b"0") != b"" and not (len(value) == 4 and value[:2] in {b"19", b"20"})
