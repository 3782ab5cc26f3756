"""How much of a damaged film is used, and how little of a huge one is read before it is judged."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator
from random import Random
from typing import Final

import av
from av.error import FFmpegError
from tests.films import film
from tests.unit.worker.encodings import encoded
from tests.unit.worker.ordeal import ordeal

from benchmarks.figure import Figure, at_most
from sightglass_common.errors import SightglassError
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.run import decoder

_FILMS: Final = (
    "bikes.mp4",
    "codecs/bikes1s_h264.mp4",
    "codecs/bikes1s_hevc10.mp4",
    "codecs/bikes1s_vp9.webm",
    "codecs/bikes1s_mpeg4.avi",
    "codecs/bikes1s_mpeg2.ts",
)
_SEEDS: Final = 10
_MUST: Final = 0.95
# An object of which the first bytes are those of a film, and the rest is nothing or noise.
_OBJECT_BYTES: Final = 60 * 1024**3
_MOST_REQUESTS, _MOST_MB = 4, 1.0


def figures() -> list[Figure]:
    """Up to 300 bytes changed in the packets of each film, by fixed seeds; then probes of objects of 60 GiB."""
    return [*asyncio.run(_used()), *asyncio.run(_judged())]


async def _used() -> list[Figure]:
    found: list[Figure] = []
    ratios: list[float] = []
    for name in _FILMS:
        data = film(name)
        used = decodable = strict = sound = 0
        for seed in range(_SEEDS):
            damaged, untouched = _rotten(data, Random(seed))
            seen = await ordeal(damaged)
            used += seen.analysis.frames if seen.analysis else 0
            decodable += _decoded(damaged, strict=False)
            strict += _decoded(damaged, strict=True)
            sound += untouched
        ratios.append(used / decodable)
        found.append(Figure(f"used of {name}", used, "frames", decodable, round(ratios[-1], 4)))
        found.append(Figure("  a reader that stops at the first bad packet", strict, "frames"))
        found.append(Figure("  packets without damage, of which some refer to damaged ones", sound, ""))
    worst = min(ratios)
    holds = worst >= _MUST
    return [
        *found,
        Figure(
            "used of what can be decoded, the worst film", round(worst, 4), "", must=f"value >= {_MUST:g}", holds=holds
        ),
    ]


def _decoded(data: bytes, *, strict: bool) -> int:
    """Frames that the library gives of a film, packet by packet, by one thread, without any of our code.

    With threads it also shows what comes of VP9 frames that it knows to be wrong.
    """
    frames = 0
    with av.open(io.BytesIO(data), "r") as container:
        container.streams.video[0].codec_context.thread_count = 1
        for packet in container.demux(container.streams.video[0]):
            try:
                frames += len(packet.decode())
            except FFmpegError:
                if strict:
                    break
    return frames


def _rotten(data: bytes, random: Random) -> tuple[bytes, int]:
    """A film with one byte in 2000 of its packets changed, 300 at most, and how many packets have none of these."""
    places = list(_packets(data))
    size = sum(length for _, length in places)
    damaged, hit = bytearray(data), set[int]()
    for _ in range(max(1, min(300, size // 2000))):
        number = random.choices(range(len(places)), [length for _, length in places])[0]
        start, length = places[number]
        damaged[start + random.randrange(length)] ^= random.randrange(1, 256)
        hit.add(number)
    return bytes(damaged), len(places) - len(hit)


def _packets(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each packet of the video begins, and its length."""
    with av.open(io.BytesIO(data), "r") as container:
        for packet in container.demux(container.streams.video[0]):
            if packet.pos is not None and packet.size:
                yield packet.pos, packet.size


async def _judged() -> list[Figure]:
    seen = [await _asked(_object(head, rest)) for head in _heads() for rest in (bytes, _noise)]
    requests, megabytes = (max(len(asked) for asked, _ in seen), max(sum(asked) / 1e6 for asked, _ in seen))
    refused = sum(is_refused for _, is_refused in seen)
    return [
        at_most("requests before 60 GiB of nothing are judged, the most", requests, "", _MOST_REQUESTS),
        at_most("read before 60 GiB of nothing are judged, the most", megabytes, "MB", _MOST_MB),
        Figure("of these refused; in the others a film might follow, so they are fetched", refused, "", len(seen)),
    ]


def _heads() -> list[bytes]:
    mp4, webm, avi = (film(f"codecs/bikes1s_{name}") for name in ("h264.mp4", "vp9.webm", "mpeg4.avi"))
    long = b"\0\0\0\1mdat" + _OBJECT_BYTES.to_bytes(8, "big")
    return [b"text ", mp4[:32], mp4[:32] + long, webm[:400], avi[:2000], encoded("flv1")[:200], encoded("gif")[:1000]]


def _noise(size: int) -> bytes:
    return Random(size).randbytes(size)


def _object(head: bytes, rest: Callable[[int], bytes]) -> Callable[[int, int], bytes]:
    def ranged(start: int, size: int) -> bytes:
        begun = head[start : start + size]
        return begun + rest(size - len(begun))

    return ranged


async def _asked(ranged: Callable[[int, int], bytes]) -> tuple[list[int], bool]:
    """The sizes of the ranges that were asked for, and whether the object was refused."""
    asked: list[int] = []

    def read_range(start: int, size: int) -> Awaitable[bytes]:
        asked.append(size)
        return asyncio.sleep(0, ranged(start, size))

    async with decoder(Limits()) as child:
        try:
            await child.glance(read_range, _OBJECT_BYTES)
        except SightglassError:
            return asked, True
    return asked, False
