"""Keccak-256 as Ethereum has it: FIPS 202 changed the padding, so that hashlib's sha3_256 is another function."""

from typing import Final

_RATE_BYTES: Final = 136
_MASK: Final = (1 << 64) - 1


def _round_constants() -> tuple[int, ...]:
    # FIPS 202, 3.2.5: bits of a shift register over x^8 + x^6 + x^5 + x^4 + 1, at the places 2^j - 1.
    register, constants = 1, list[int]()
    for _ in range(24):
        constant = 0
        for j in range(7):
            constant |= (register & 1) << ((1 << j) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return tuple(constants)


def _turned_lanes() -> tuple[tuple[int, int, int], ...]:
    # FIPS 202, 3.2.2 and 3.2.3 together: lane (x, y) turned by t(t+1)/2 bits goes to (y, 2x + 3y).
    lanes, x, y = [(0, 0, 0)], 1, 0
    for t in range(24):
        lanes.append((x + 5 * y, y + 5 * ((2 * x + 3 * y) % 5), (t + 1) * (t + 2) // 2 % 64))
        x, y = y, (2 * x + 3 * y) % 5
    return tuple(lanes)


_CONSTANTS: Final = _round_constants()
_LANES: Final = _turned_lanes()


def keccak_256(message: bytes) -> bytes:
    """The 32 bytes of Keccak[512] with the padding 10*1."""
    padded = bytearray(message + b"\x01" + bytes(-(len(message) + 1) % _RATE_BYTES))
    padded[-1] |= 0x80
    state = [0] * 25
    for start in range(0, len(padded), _RATE_BYTES):
        for lane in range(_RATE_BYTES // 8):
            at = start + 8 * lane
            state[lane] ^= int.from_bytes(padded[at : at + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _permuted(a: list[int]) -> list[int]:
    for constant in _CONSTANTS:
        columns = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        mixed = [columns[x - 1] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
        b = [0] * 25
        for source, target, bits in _LANES:
            b[target] = _turned(a[source] ^ mixed[source % 5], bits)
        a = [b[i] ^ (~b[i - i % 5 + (i + 1) % 5] & b[i - i % 5 + (i + 2) % 5] & _MASK) for i in range(25)]
        a[0] ^= constant
    return a


def _turned(lane: int, bits: int) -> int:
    return (lane << bits | lane >> 64 - bits) & _MASK
