"""Damaged films made of sound ones: the same seed makes the same damage, whatever the film."""

from collections.abc import Callable
from random import Random
from typing import Final

# Where most containers have their header; MP4 files of our samples have theirs at the end.
_HEAD_BYTES: Final = 4096
_ABSURD: Final = (0, 1, 7, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


def mutant(seed: int, data: bytes, other: bytes) -> tuple[str, bytes]:
    """The name of what was done to a film, and the damaged film. other: a film to take parts from."""
    random = Random(seed)
    damage = random.choice(DAMAGES)
    return damage.__name__.strip("_"), damage(random, data, other)


def _few_bits(random: Random, data: bytes, _other: bytes) -> bytes:
    return _flipped(random, data, range(len(data)), random.randint(1, 16))


def _many_bits(random: Random, data: bytes, _other: bytes) -> bytes:
    return _flipped(random, data, range(len(data)), max(1, len(data) // random.choice((100, 1_000, 10_000))))


def _bits_of_the_header(random: Random, data: bytes, _other: bytes) -> bytes:
    return _flipped(random, data, _header(data), random.randint(1, 8))


def _cut_short(random: Random, data: bytes, _other: bytes) -> bytes:
    return data[: random.randrange(len(data))]


def _beginning_lost(random: Random, data: bytes, _other: bytes) -> bytes:
    return data[random.randrange(len(data)) :]


def _header_of_another(random: Random, data: bytes, other: bytes) -> bytes:
    return other[: random.randint(8, _HEAD_BYTES)] + data[random.randint(8, _HEAD_BYTES) :]


def _tail_of_another(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: random.randrange(len(data))] + other[random.randrange(len(other)) :]


def _zeroed_block(random: Random, data: bytes, _other: bytes) -> bytes:
    start, end = _block(random, data)
    return data[:start] + bytes(end - start) + data[end:]


def _doubled_block(random: Random, data: bytes, _other: bytes) -> bytes:
    start, end = _block(random, data)
    return data[:end] + data[start:]


def _lost_block(random: Random, data: bytes, _other: bytes) -> bytes:
    start, end = _block(random, data)
    return data[:start] + data[end:]


def _moved_block(random: Random, data: bytes, _other: bytes) -> bytes:
    start, end = _block(random, data)
    rest = data[:start] + data[end:]
    at = random.randint(0, len(rest))
    return rest[:at] + data[start:end] + rest[at:]


def _absurd_numbers(random: Random, data: bytes, _other: bytes) -> bytes:
    damaged = bytearray(data)
    header = _header(data)
    for _ in range(random.randint(1, 3)):
        at = random.choice(header)
        value, size = random.choice(_ABSURD), random.choice((2, 4, 8))
        damaged[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, random.choice(("big", "little")))
    return bytes(damaged)


DAMAGES: Final[tuple[Callable[[Random, bytes, bytes], bytes], ...]] = (
    _few_bits,
    _many_bits,
    _bits_of_the_header,
    _cut_short,
    _beginning_lost,
    _header_of_another,
    _tail_of_another,
    _zeroed_block,
    _doubled_block,
    _lost_block,
    _moved_block,
    _absurd_numbers,
)


def _flipped(random: Random, data: bytes, where: range, bits: int) -> bytes:
    damaged = bytearray(data)
    for _ in range(bits):
        damaged[random.choice(where)] ^= 1 << random.randrange(8)
    return bytes(damaged)


def _block(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randrange(len(data))
    return start, min(len(data), start + random.choice((4, 64, 1_000, 20_000)))


def _header(data: bytes) -> range:
    index = data.rfind(b"moov")
    return range(min(_HEAD_BYTES, len(data))) if index < 0 else range(index, min(len(data), index + _HEAD_BYTES))
