"""What a glance tells of films, whatever their size, and what it refuses: by four requests and a megabyte."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from tests.films import film
from tests.unit.worker.encodings import ENCODINGS, encoded
from tests.unit.worker.forged_long import after_sound, long_film
from tests.unit.worker.test_decoder_process import unlinked
from tests.unit.worker.test_probe import BROKEN, SOUND, probed

from sightglass_common import video_errors
from sightglass_common.errors import SightglassError
from sightglass_worker.decode.glance import glance
from sightglass_worker.decode.glance_file import GlanceFile
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.results import Glance
from sightglass_worker.decode.run import decoder

GIB = 1024**3
HOUR_US = 3_600_000_000
Ranged = Callable[[int, int], bytes]
# The beginnings of films, by their containers.
HEADS = {
    "mp4": film("bikes.mp4")[:32],
    "mp4 with an endless mdat": film("bikes.mp4")[:32] + b"\0\0\0\1mdat" + (60 * GIB).to_bytes(8, "big"),
    "webm": film("codecs/bikes1s_vp9.webm")[:400],
    "avi": film("codecs/bikes1s_mpeg4.avi")[:2000],
    "ts": film("codecs/bikes1s_mpeg2.ts")[:5000],
    "flv": encoded("flv1")[:200],
    "gif": encoded("gif")[:1000],
    "program stream": encoded("mpeg2 program stream")[:3000],
    "mxf": encoded("mpeg2 in mxf")[:3000],
    "asf": encoded("wmv2")[:3000],
    "matroska": encoded("ffv1")[:600],
    "ivf": encoded("vp9 in ivf")[:300],
    "ogg": b"OggS\0\2" + bytes(50),
    "mpeg video": b"\0\0\1\xb3" + bytes(100),
}


def glanced(ranged: Ranged, size_bytes: int, limits: Limits | None = None) -> Glance:
    asked: list[int] = []

    def fetch(offset: int, size: int) -> bytes:
        asked.append(size)
        return ranged(offset, size)

    try:
        return glance(GlanceFile(fetch, size_bytes), limits or Limits())
    finally:
        assert len(asked) <= 4
        assert sum(asked) <= 1_000_000


def glanced_at(data: bytes, limits: Limits | None = None) -> Glance:
    return glanced(lambda offset, size: data[offset : offset + size], len(data), limits)


def zeros(size: int) -> bytes:
    return bytes(size)


def noise(size: int) -> bytes:
    return Random(size).randbytes(size)


def begun(head: bytes, rest: Callable[[int], bytes]) -> Ranged:
    def ranged(offset: int, size: int) -> bytes:
        known = head[offset : offset + size]
        return known + rest(size - len(known))

    return ranged


def padded(head: bytes, padding: int, tail: bytes, offset: int, size: int) -> bytes:
    """A part of a file in which so many zeros are between two ends."""
    whole = len(head) + padding
    known = head[offset : offset + size] + bytes(max(0, min(offset + size, whole) - max(offset, len(head))))
    return known + tail[max(0, offset - whole) : max(0, offset + size - whole)]


@pytest.mark.parametrize("name", SOUND)
def test_of_a_sound_film_a_glance_tells_what_a_probe_tells(name: str) -> None:
    data = film(name)
    whole = probed(data)
    assert glanced_at(data) == Glance(whole.duration_us, whole)


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_glance_tells_what_a_probe_tells_in_every_encoding(name: str) -> None:
    data = encoded(name)
    seen = glanced_at(data)
    assert seen.probe in {None, probed(data)} if name == "raw rgb" else seen.probe == probed(data)


@pytest.mark.parametrize(("data", "error"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_is_no_film_is_refused_for_the_same_reason(data: bytes, error: type[SightglassError]) -> None:
    with pytest.raises(error) as caught:
        glanced_at(data)
    assert type(caught.value) is error


@pytest.mark.parametrize("rest", [zeros, noise])
@pytest.mark.parametrize("name", HEADS)
def test_of_what_only_begins_as_a_film_little_is_read(name: str, rest: Callable[[int], bytes]) -> None:
    seen = None
    with suppress(video_errors.CorruptContainer):
        seen = glanced(begun(HEADS[name], rest), 60 * GIB)
    assert seen is None or seen.probe is None or name in {"asf", "ivf"}  # their headers are whole


@pytest.mark.parametrize("rest", [zeros, noise])
@pytest.mark.parametrize("name", ["mp4", "mp4 with an endless mdat"])
def test_an_mp4_whose_boxes_lead_nowhere_is_refused(name: str, rest: Callable[[int], bytes]) -> None:
    with pytest.raises(video_errors.CorruptContainer):
        glanced(begun(HEADS[name], rest), 60 * GIB)


@pytest.mark.parametrize("in_front", [False, True])
@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("hours", [1, 4])
def test_the_length_is_told_though_the_index_is_larger_than_can_be_read(
    hours: int, *, in_front: bool, uneven: bool
) -> None:
    data = long_film(3600 * hours, in_front=in_front, uneven=uneven)
    assert glanced_at(data) == Glance(hours * HOUR_US, None)


@pytest.mark.parametrize("in_front", [False, True])
def test_a_film_of_too_many_hours_is_refused_though_its_index_is_larger_than_can_be_read(*, in_front: bool) -> None:
    data = long_film(13 * 3600, in_front=in_front)
    with pytest.raises(video_errors.VideoTooLong):
        glanced_at(data)


def test_the_length_is_told_of_the_second_track_too() -> None:
    assert glanced_at(after_sound(long_film(4 * 3600))) == Glance(4 * HOUR_US, None)


def test_a_tail_with_the_index_is_found_after_gigabytes() -> None:
    data = film("bikes.mp4")
    at = data.index(b"mdat") - 4
    box, padding = int.from_bytes(data[at : at + 4], "big"), 5 * GIB
    # Eight bytes of the long length stand where a `free` box stood before.
    assert data[at - 4 : at] == b"free"
    head = data[: at - 8] + b"\0\0\0\1mdat" + (box + 8 + padding).to_bytes(8, "big") + data[at + 8 : at + box]
    tail = data[at + box :]
    seen = glanced(lambda o, n: padded(head, padding, tail, o, n), len(head) + padding + len(tail))
    assert seen.probe is not None
    assert (seen.probe.frames, seen.length_us) == (250, 10_000_000)


@pytest.mark.parametrize("name", ["codecs/bikes1s_vp9.webm", "codecs/bikes1s_mpeg4.avi"])
def test_a_film_after_more_than_is_read_is_not_refused(name: str) -> None:
    """A Matroska file with large pictures, an AVI file with much that is to be skipped, before its first frame."""
    data = film(name)
    if data.startswith(b"RIFF"):
        filler = 40 * (b"LIST" + (300_004).to_bytes(4, "little") + b"INFO" + bytes(300_000))
        at = data.index(b"movi") - 8
    else:
        at = data.index(bytes.fromhex("1f43b675"))
        filler = bytes.fromhex("1941a469") + (0x10000000 | 3_000_000).to_bytes(4, "big") + bytes(3_000_000)
    seen = glanced_at(data[:at] + filler + data[at:])
    assert seen.probe is None


@pytest.mark.parametrize("limits", [Limits(max_duration_us=1), Limits(cpu_s=0)])
def test_a_length_that_is_only_guessed_refuses_nothing(limits: Limits) -> None:
    """Of a cut transport stream the length is guessed: by what is known of its end, or by its size."""
    data = encoded("mpeg2")
    nothing = bytes.fromhex("471fff10") + bytes.fromhex("ff") * 184
    assert glanced_at(data[: 188 * 20] + 20_000 * nothing + data, limits) == Glance(None, None)


async def test_what_a_glance_leaves_out_is_told_of_the_film_that_was_fetched(tmp_path: Path) -> None:
    data = long_film(3600)

    async def read_range(offset: int, size: int) -> bytes:
        return data[offset : offset + size]

    async with decoder(Limits()) as child:
        seen = await child.glance(read_range, len(data))
        assert seen == Glance(HOUR_US, None)
        with unlinked(data, tmp_path) as descriptor:
            assert await child.probe_film(descriptor) == probed(data)


async def test_a_film_that_a_glance_lets_pass_is_refused_when_it_was_fetched(tmp_path: Path) -> None:
    ranged = begun(HEADS["webm"], noise)
    data = ranged(0, 2_000_000)

    async def read_range(offset: int, size: int) -> bytes:
        return data[offset : offset + size]

    async with decoder(Limits()) as child:
        assert await child.glance(read_range, len(data)) == Glance(None, None)
        with unlinked(data, tmp_path) as descriptor, pytest.raises(video_errors.CorruptContainer):
            await child.probe_film(descriptor)
