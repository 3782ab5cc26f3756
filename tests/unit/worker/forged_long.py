"""MP4 films of hours in a megabyte or two: one second of samples, which the index names again and again."""

import copy
import struct
from typing import Final

from tests.unit.worker.boxes import Box, film_of, parsed
from tests.unit.worker.forged_boxes import SOUND

_TABLES: Final = "trak/mdia/minf/stbl"
_FRAMES: Final = 25
_TICKS: Final = 512  # of one frame
_MILLISECONDS: Final = 1000


def long_film(seconds: int, *, in_front: bool = False, uneven: bool = False) -> bytes:
    """A sound film of so many seconds, each of which shows the same 25 frames.

    in_front: the index comes before the samples. uneven: every other frame is shown longer.
    """
    root = parsed(SOUND)
    moov = root.at("moov")
    _lengthen(moov, seconds, uneven=uneven)
    if in_front:
        root.inner.remove(moov)
        root.inner.insert(1, moov)
        moov.at(f"{_TABLES}/stco").body = _offsets(moov, seconds, shift=len(moov.packed()))
    return film_of(root)


def after_sound(data: bytes) -> bytes:
    """An MP4 film with another track in its index before its own: of sound, in a codec that nobody knows."""
    root = parsed(data)
    moov = root.at("moov")
    other = copy.deepcopy(moov.at("trak"))
    other.at("mdia/hdlr").body = other.at("mdia/hdlr").body.replace(b"vide", b"soun")
    moov.inner.insert(moov.inner.index(moov.at("trak")), other)
    return film_of(root)


def _lengthen(moov: Box, seconds: int, *, uneven: bool) -> None:
    tables = moov.at(_TABLES)
    steps = (_FRAMES * seconds // 2 * [1, _TICKS + 1, 1, _TICKS - 1]) if uneven else [_FRAMES * seconds, _TICKS]
    tables.at("stts").body = _numbers(0, len(steps) // 2, *steps)
    tables.at("stss").body = _numbers(0, seconds, *range(1, _FRAMES * seconds, _FRAMES))
    sizes, orders = tables.at("stsz"), tables.at("ctts")
    sizes.body = _numbers(0, 0, _FRAMES * seconds) + seconds * sizes.body[12:]
    orders.body = _numbers(0, seconds * ((len(orders.body) - 8) // 8)) + seconds * orders.body[8:]
    tables.at("stsc").body = _numbers(0, 1, 1, _FRAMES, 1)
    tables.at("stco").body = _offsets(moov, seconds)
    moov.at("mvhd").write(16, seconds * _MILLISECONDS)
    moov.at("trak/tkhd").write(20, seconds * _MILLISECONDS)
    moov.at("trak/edts/elst").write(8, seconds * _MILLISECONDS)
    moov.at("trak/mdia/mdhd").write(16, seconds * _FRAMES * _TICKS)


def _offsets(moov: Box, seconds: int, *, shift: int = 0) -> bytes:
    first = int.from_bytes(moov.at(f"{_TABLES}/stco").body[8:12], "big")
    return _numbers(0, seconds, *seconds * [first + shift])


def _numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)
