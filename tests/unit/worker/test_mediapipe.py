"""MediaPipe's adapter: the landmarks that it reads, and with MediaPipe installed (`make pose`) what it finds."""

import io
import struct
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import films

from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.people import PeopleWatcher
from sightglass_worker.domain.pose.people import PoseLook
from sightglass_worker.pose.film import FilmPeople
from sightglass_worker.pose.finders import PoseFinders, pose_finders
from sightglass_worker.pose.mediapipe_engine import landmarks

installed = pytest.mark.skipif(find_spec("mediapipe") is None, reason="MediaPipe is not installed: `make pose`")
NO_S3: Any = None
VALUES = st.floats(width=32, allow_nan=False)


def serialised(points: Sequence[tuple[float, float, float]]) -> bytes:
    """A NormalizedLandmarkList, z and presence too; zeros are left out, as protocol buffers do."""
    out = b""
    for x, y, visibility in points:
        fields = ((0x0D, x), (0x15, y), (0x1D, 0.5), (0x25, visibility), (0x2D, 1.0))
        item = b"".join(struct.pack("<Bf", tag, value) for tag, value in fields if value)
        out += bytes([0x0A, len(item)]) + item
    return out


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=33))
def test_landmarks_are_read_as_they_were_written(points: list[tuple[float, float, float]]) -> None:
    assert list(landmarks(serialised(points))) == points


@pytest.mark.parametrize("wrong", [b"\x0a", b"\x12\x05", b"\x0a\x04abcd", serialised([(1, 1, 1)])[:-1]], ids=repr)
def test_what_is_no_list_of_landmarks_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match="landmark"):
        list(landmarks(wrong))


def looks(name: str) -> list[PoseLook]:
    watcher, found = PeopleWatcher(), list[PoseLook]()
    with av.open(io.BytesIO(films.film(name)), "r") as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        clock = FrameClock(stream.time_base, stream.average_rate)
        for frame in container.decode(stream):
            t_us = clock.time_us(frame.pts)
            if watcher.wants(t_us):
                found += watcher.look(frame, t_us)
    return found


async def people(finders: PoseFinders, seen: Sequence[PoseLook]) -> FilmPeople:
    async with finders.film() as film:
        for look in seen:
            await film.take(look)
        return film.finish([0], 0)


@installed
async def test_people_are_found_and_a_film_knows_nothing_of_the_film_before_it() -> None:
    seen = looks("bikes.mp4")
    async with pose_finders("mediapipe", None, NO_S3) as finders:
        assert finders is not None
        await people(finders, seen[40:])
        first = await people(finders, seen)
        # It goes by the picture before, and these two show the same cyclist.
        afresh = await people(finders, seen[24:28])
        await people(finders, seen[20:24])
        assert await people(finders, seen[24:28]) == afresh
    assert first.coverage.failed == 0
    assert first.coverage.found >= 15
    # A cyclist who waits at a light, upright and seen from the front.
    cyclist = max(first.tracks, key=lambda track: len(track.samples))
    assert (len(cyclist.keypoint_names), len(set(cyclist.keypoint_names))) == (33, 33)
    for sample in cyclist.samples:
        assert 4_000_000 < sample.t_us < 5_600_000
        assert sample.keypoints is not None
        points = dict(zip(cyclist.keypoint_names, sample.keypoints, strict=True))
        assert points["nose"].y < points["left_shoulder"].y < points["left_hip"].y
        assert points["right_wrist"].x < points["right_shoulder"].x < points["left_shoulder"].x


@installed
async def test_a_film_without_people_has_nobody() -> None:
    async with pose_finders("mediapipe", None, NO_S3) as finders:
        assert finders is not None
        assert (await people(finders, looks("screen_light.mp4")[:20])).tracks == []
