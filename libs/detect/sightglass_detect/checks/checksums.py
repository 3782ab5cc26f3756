"""The checksums that the checks are built from.

Each takes the bare characters (no separators) as ASCII bytes, and is False for a value that holds anything else.
"""

import zlib
from collections.abc import Sequence
from hashlib import sha256
from operator import mul
from typing import Final

from sightglass_detect.checks.keccak import keccak_256

_BASE58: Final = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS_OF_58: Final = bytes.maketrans(_BASE58, bytes(range(58)))
# As many as an address has digits at most, and one more.
_POWERS_OF_58: Final = [58**n for n in range(36)]
_BECH32: Final = {c: i for i, c in enumerate(b"qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_BASE62: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# Luhn (ISO/IEC 7812-1, annex B): every second digit from the right is doubled, and its own digits are added.
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

# Verhoeff, "Error detecting decimal codes" (1969): the multiplication of the dihedral group D5, and the permutation.
_D5: Final = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_TURNS: Final = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)

# BIP 173, and BIP 350 for its successor: what the polymod of a right string is.
_BECH32_SUMS: Final = (1, 0x2BC830A3)
_BECH32_STEPS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def digits_of(value: bytes) -> bytes:
    """Its ASCII digits alone, in their order."""
    return bytes(c for c in value if 48 <= c <= 57)


def bare(value: bytes) -> bytes:
    """Its ASCII letters and digits alone, upper case."""
    return bytes(c for c in value.upper() if 48 <= c <= 57 or 65 <= c <= 90)


def one_digit_repeated(digits: bytes) -> bool:
    """Whether it is 0000 or 7777: many checksums take such a value for right, nobody is given it."""
    return len(set(digits)) <= 1


def luhn(digits: bytes) -> bool:
    """Luhn's checksum over all digits, the last being the check digit."""
    if not digits.isdigit():
        return False
    total = sum(digits[-1::-2]) - 48 * len(digits[-1::-2])
    return (total + sum(_DOUBLED[c - 48] for c in digits[-2::-2])) % 10 == 0


def weighted(digits: bytes, weights: Sequence[int]) -> int:
    """The sum of each digit times its weight. Raises ValueError unless there are as many weights as digits."""
    return sum((c - 48) * w for c, w in zip(digits, weights, strict=True))


def mod_97(value: bytes) -> int:
    """The remainder by 97 with letters as 10 to 35 (ISO 7064 mod 97-10): 1 for a right value."""
    return int("".join(str(int(chr(c), 36)) for c in value)) % 97


def mod_11_10(digits: bytes) -> bool:
    """ISO 7064 mod 11,10: a hybrid system with one check digit."""
    if not digits.isdigit():
        return False
    product = 10
    for c in digits[:-1]:
        product = ((product + c - 48) % 10 or 10) * 2 % 11
    return (product + digits[-1] - 48) % 10 == 1


def mod_11_2(value: bytes) -> bool:
    """ISO 7064 mod 11-2: digits, and a last character of 0-9 or X."""
    if not value[:-1].isdigit() or value[-1:] not in b"0123456789X":
        return False
    rest = 0
    for c in value[:-1]:
        rest = (rest + c - 48) * 2 % 11
    return (rest + (10 if value[-1:] == b"X" else value[-1] - 48)) % 11 == 1


def verhoeff(digits: bytes) -> bool:
    """Verhoeff's checksum over all digits, the last being the check digit."""
    if not digits.isdigit():
        return False
    check = 0
    for place, c in enumerate(reversed(digits)):
        check = _D5[check][_TURNS[place % 8][c - 48]]
    return check == 0


def mrz_digit(field: bytes) -> int:
    """The check digit of a field of a machine-readable document (ICAO 9303-3, 4.9): weights 7, 3, 1; `<` is 0."""
    return sum((0 if c == 60 else int(chr(c), 36)) * (7, 3, 1)[i % 3] for i, c in enumerate(field)) % 10


def base58check(value: bytes) -> bytes | None:
    """The 21 bytes that a Bitcoin address of the first kind holds: version, 0 or 5, and hash.

    None when the version is another one, or the sum is wrong.
    """
    if len(value) > len(_POWERS_OF_58) or value.translate(None, _BASE58):
        return None
    number = sum(map(mul, reversed(value.translate(_DIGITS_OF_58)), _POWERS_OF_58))
    # The version is the first byte.
    if number >> 192 not in {0, 5}:
        return None
    raw = number.to_bytes(25, "big")
    leading = len(value) - len(value.lstrip(b"1"))
    if leading != len(raw) - len(raw.lstrip(b"\0")):
        return None
    body, check = raw[:-4], raw[-4:]
    return body if sha256(sha256(body).digest()).digest()[:4] == check else None


def bech32(value: bytes) -> bool:
    """The checksum of BIP 173 (Bech32) or BIP 350 (Bech32m), in one case throughout."""
    if value not in (value.lower(), value.upper()):
        return False
    human, _, data = value.lower().rpartition(b"1")
    if not human or len(data) < 6 or not all(c in _BECH32 for c in data):
        return False
    check = 1
    for number in (*(c >> 5 for c in human), 0, *(c & 31 for c in human), *(_BECH32[c] for c in data)):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ number
        for bit, step in enumerate(_BECH32_STEPS):
            check ^= step if top >> bit & 1 else 0
    return check in _BECH32_SUMS


def crc32_base62(body: bytes) -> bytes:
    """CRC-32 of `body` as six base-62 digits (0-9 A-Z a-z), as GitHub and npm put behind their tokens."""
    number, digits = zlib.crc32(body), bytearray()
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return bytes(reversed(digits))


def eip55(address: bytes) -> bool:
    """The checksum by letter case of an Ethereum address, 40 hex digits without 0x (EIP-55)."""
    lower = address.lower()
    return all(
        chr(c).isdigit() or chr(c).isupper() == (digit >= "8")
        for c, digit in zip(address, keccak_256(lower).hex(), strict=False)
    )
