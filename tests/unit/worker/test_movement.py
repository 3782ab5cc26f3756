"""Watching the frames of films for movement."""

import io
import json
from collections.abc import Sequence

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import films

from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.movement import MARGIN_US, PERIOD_US, MovementWatcher
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.association import union_share
from sightglass_worker.domain.motion.samples import MotionSample

FRAME_US = 40_000


def frames(data: bytes) -> list[tuple[int, av.VideoFrame]]:
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        clock = FrameClock(stream.time_base, stream.average_rate)
        return [(clock.time_us(frame.pts), frame) for frame in container.decode(stream)]


def watched(seen: Sequence[tuple[int, av.VideoFrame]]) -> list[MotionSample]:
    watcher = MovementWatcher()
    found = [s for t_us, frame in seen if watcher.wants(t_us) for s in watcher.look(frame, t_us)]
    return [*found, *watcher.finish()]


def wanted(times: Sequence[int]) -> list[int]:
    watcher = MovementWatcher()
    return [t_us for t_us in times if watcher.wants(t_us)]


def test_the_first_frame_of_each_tenth_of_a_second_is_wanted() -> None:
    assert wanted(range(0, 500_000, FRAME_US)) == [0, 120_000, 200_000, 320_000, 400_000]
    assert wanted([0, 90_000, 2_050_000, 2_090_000, 2_100_000]) == [0, 2_050_000, 2_100_000]


@given(st.sets(st.integers(1, 5_000_000), min_size=1, max_size=200), st.integers(0, 199))
def test_a_run_that_begins_later_wants_the_same_frames_after_its_first_tenth(times: set[int], start: int) -> None:
    ordered = [0, *sorted(times)]
    later = ordered[min(start, len(ordered) - 1) :]
    after = (later[0] // PERIOD_US + 1) * PERIOD_US
    assert [t for t in wanted(later) if t >= after] == [t for t in wanted(ordered) if t >= after]
    assert set(wanted(later)) <= set(wanted(ordered))


def test_a_run_over_a_part_finds_in_it_what_a_run_over_the_whole_finds() -> None:
    seen = frames(films.film("bikes.mp4"))
    whole = {sample.t_us: sample for sample in watched(seen)}
    start_us, end_us = 4_130_000, 7_000_000
    part = watched([(t, f) for t, f in seen if start_us - MARGIN_US <= t < end_us + MARGIN_US])
    inner = {s.t_us: s for s in part if start_us <= s.t_us < end_us}
    assert inner == {t: s for t, s in whole.items() if start_us <= t < end_us}
    assert len(inner) > 20


def test_no_sample_compares_two_scenes_of_a_film() -> None:
    cuts_us = [frame * FRAME_US for frame in json.loads(films.film("expected.json"))["bikes.mp4"]["hard_cuts"]]
    found = watched(frames(films.film("bikes.mp4")))
    # Of a hundred pictures all but the first of each of six scenes.
    assert len(found) == 94
    assert [cut for cut in cuts_us for s in found if s.since_us < cut <= s.t_us] == []


def drawn(width: int, height: int, box: Box) -> bytes:
    """Three seconds of a white square that goes right by six tenths over smooth blots, and ends at `box`."""
    blots = films.texture(4, rows=height, columns=width).astype(float)
    for _ in range(8):
        blots = (blots + sum(np.roll(blots, by, axis) for by in (3, -3) for axis in (0, 1))) / 5
    images: list[films.Image] = []
    for number in range(75):
        image = (blots * 0.6).astype(np.uint8)
        left = round((box.x - 0.6 * (74 - number) / 74) * width)
        top = round(box.y * height)
        image[top : top + round(box.height * height), left : left + round(box.width * width)] = 250
        images.append(image)
    return films.drawn(images)


@pytest.mark.parametrize(("width", "height"), [(640, 360), (288, 512), (96, 72)])
def test_a_square_is_where_it_was_drawn_whatever_the_size(width: int, height: int) -> None:
    box = Box(0.6, 0.4, 0.2, 0.25)
    last = watched(frames(drawn(width - width % 16, height - height % 9, box)))[-1]
    assert union_share(last.regions[0].box, box) > 0.6


def test_a_turned_film_is_measured_as_it_is_shown() -> None:
    upright = {s.t_us: s for s in watched(frames(films.film("bikes.mp4")))}
    turned = watched(frames(films.film("rotated90.mp4")))
    pairs = [(upright[s.t_us], s) for s in turned if s.t_us in upright]
    # A quarter turn counter-clockwise: what went down goes right.
    downs = np.array([(plain.camera[1], other.camera[0]) for plain, other in pairs])
    slow = np.abs(downs).max(axis=1) < 0.05
    assert slow.sum() > 70
    assert np.corrcoef(downs[slow].T)[0, 1] > 0.9


@pytest.mark.parametrize("name", ["yuv420p", "yuvj420p", "nv12", "yuv420p10le"])
def test_a_large_frame_is_measured_as_its_small_copy_whatever_its_format(name: str) -> None:
    small = frames(drawn(640, 360, Box(0.6, 0.4, 0.2, 0.25)))
    large = [
        (t_us, frame.reformat(1920, 1080, name, interpolation="BICUBIC"))
        for t_us, frame in small
        if t_us % 200_000 == 0
    ]
    found, expected = watched(large), watched([seen for seen in small if seen[0] % 200_000 == 0])
    assert len(found) == len(expected) == 14
    for one, other in zip(found, expected, strict=True):
        assert one.camera == pytest.approx(other.camera, abs=0.002)
        assert one.residual == pytest.approx(other.residual, abs=0.0005)
        assert union_share(one.regions[0].box, other.regions[0].box) > 0.8


def test_a_frame_of_another_size_is_measured_like_the_others() -> None:
    small, large = (frames(drawn(w, h, Box(0.6, 0.4, 0.2, 0.25))) for w, h in ((320, 180), (640, 360)))
    mixed = [small[i] if i % 2 else large[i] for i in range(75)]
    found = watched(mixed)
    assert len(found) == 29
    assert union_share(found[-1].regions[0].box, Box(0.6, 0.4, 0.2, 0.25)) > 0.6
