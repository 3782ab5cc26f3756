"""A writer of 7z archives for the tests of readers: one packed stream, all files in it."""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Mapping

_X86 = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
_LZMA1 = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20, "lc": 3, "lp": 0, "pb": 2}]
_LZMA2 = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
_DELTA = [{"id": lzma.FILTER_DELTA, "dist": 3}, *_LZMA2]


def _raw(filters: list[dict[str, int]]) -> Callable[[bytes], bytes]:
    return lambda data: lzma.compress(data, lzma.FORMAT_RAW, filters=filters)


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


# Coders from the one that unpacks last to the one that takes what is packed: flags with the id, and properties.
METHODS: dict[str, tuple[Callable[[bytes], bytes], list[bytes]]] = {
    "copy": (bytes, [b"\x01\x00"]),
    "lzma": (_raw(_LZMA1), [b"\x23\x03\x01\x01\x05\x5d" + struct.pack("<I", 1 << 20)]),
    "lzma2": (_raw(_LZMA2), [b"\x21\x21\x01\x10"]),
    "bzip2": (bz2.compress, [b"\x03\x04\x02\x02"]),
    "deflate": (_deflated, [b"\x03\x04\x01\x08"]),
    "x86": (_raw(_X86), [b"\x04\x03\x03\x01\x03", b"\x21\x21\x01\x10"]),
    "delta": (_raw(_DELTA), [b"\x21\x03\x01\x02", b"\x21\x21\x01\x10"]),
    "ppmd": (bytes, [b"\x23\x03\x04\x01\x05" + bytes(5)]),
    "aes": (bytes, [b"\x24\x06\xf1\x07\x01\x01\x00"]),
}


def seven_zipped(members: Mapping[str, bytes], method: str = "lzma2", *, packed_header: bool = False) -> bytes:
    """A 7z of these members; empty ones have no bytes in it."""
    pack, coders = METHODS[method]
    full = {name: data for name, data in members.items() if data}
    whole = b"".join(full.values())
    packed = pack(whole)
    streams = _streams(0, packed, coders, len(whole), list(full.values()))
    empty = [not data for data in members.values()]
    names = b"\0" + b"".join(f"{name}\0".encode("utf-16-le") for name in members)
    files = number(len(members)) + b"\x0e" + number((len(empty) + 7) // 8) + _bits(empty)
    if any(empty):
        files += b"\x0f" + number((sum(empty) + 7) // 8) + _bits([True] * sum(empty))
    header = b"\x01\x04" + streams + b"\x05" + files + b"\x11" + number(len(names)) + names + b"\0\0"
    if packed_header:
        pack, coders = METHODS["lzma"]
        held = pack(header)
        at, header = len(packed), b"\x17" + _streams(len(packed), held, coders, len(header), [header])
        packed = packed[:at] + held
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def number(value: int) -> bytes:
    """A number as headers have it, in nine bytes unless it is small."""
    return bytes([value]) if value < 0x80 else b"\xff" + struct.pack("<Q", value)


def _streams(at: int, packed: bytes, coders: list[bytes], size: int, parts: list[bytes]) -> bytes:
    bound = b"".join(number(n) + number(n + 1) for n in range(len(coders) - 1))
    folder = number(len(coders)) + b"".join(coders) + bound
    sizes = number(size) * len(coders)
    crcs = b"\x0a\1" + b"".join(struct.pack("<I", zlib.crc32(part)) for part in parts)
    inner = b"".join(number(len(part)) for part in parts[:-1])
    return (
        b"\x06" + number(at) + b"\1\x09" + number(len(packed)) + b"\0"
        + b"\x07\x0b\1\0" + folder + b"\x0c" + sizes + b"\0"
        + b"\x08\x0d" + number(len(parts)) + (b"\x09" + inner if inner else b"") + crcs + b"\0\0"
    )  # fmt: skip


def _bits(flags: list[bool]) -> bytes:
    text = "".join(str(int(flag)) for flag in flags).ljust((len(flags) + 7) // 8 * 8, "0")
    return bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8))
