"""Persons: the pictures that they are looked for in, their key points and boxes, and their tracks."""

import io
from collections.abc import Sequence
from math import inf, nan

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import films
from tests.poses import arms

from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.people import PERIOD_US, PeopleWatcher
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.tracks import Track
from sightglass_worker.domain.pose.keypoints import Keypoints
from sightglass_worker.domain.pose.people import Person, PoseLook, PoseSample, box_around
from sightglass_worker.domain.pose.tracks import person_tracks

ANY = st.floats(width=32)
NAMES = ("nose", "left_wrist", "right_wrist")


def watched(data: bytes, start_us: int = 0) -> list[PoseLook]:
    watcher, found = PeopleWatcher(), list[PoseLook]()
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        clock = FrameClock(stream.time_base, stream.average_rate)
        for frame in container.decode(stream):
            t_us = clock.time_us(frame.pts)
            if t_us >= start_us and watcher.wants(t_us):
                found += watcher.look(frame, t_us)
    return [*found, *watcher.finish()]


def test_five_pictures_a_second_are_taken_as_they_are_shown() -> None:
    # A width at which the rows of a frame do not lie one right after another.
    drawn = [image[:, :318] for image in arms(25)]
    looks = watched(films.drawn(drawn))
    assert [look.t_us for look in looks] == [0, 200_000, 400_000, 600_000, 800_000]
    for look, image in zip(looks, drawn[::5], strict=True):
        assert (look.width, look.height) == (318, 180)
        seen = np.frombuffer(look.rgb, np.uint8).reshape(180, 318, 3).astype(int)
        assert np.abs(seen - image).mean() < 4


def test_a_picture_is_upright_and_at_most_640_pixels_long() -> None:
    flat, upright = watched(films.film("bikes.mp4"))[10], watched(films.film("rotated90.mp4"))[10]
    assert (flat.width, flat.height) == (640, 272)
    assert (upright.width, upright.height) == (272, 640)
    one, other = (
        np.frombuffer(look.rgb, np.uint8).reshape(look.height, look.width, 3).astype(int) for look in (flat, upright)
    )
    assert min(np.abs(np.rot90(one, turns) - other).mean() for turns in (1, 3)) < 8
    large = np.zeros((720, 1280, 3), np.uint8)
    assert {(look.width, look.height) for look in watched(films.drawn([large] * 6))} == {(640, 360)}


def test_a_run_that_begins_later_takes_the_same_pictures_after_its_first_span() -> None:
    film = films.film("vfr.mp4")
    whole, later = watched(film), watched(film, 1_030_000)
    after = (1_030_000 // PERIOD_US + 1) * PERIOD_US
    assert [look for look in later if look.t_us >= after] == [look for look in whole if look.t_us >= after]


@given(st.lists(st.tuples(ANY, ANY, ANY), max_size=40))
def test_packed_points_are_within_the_picture_and_as_given_where_they_can_be(
    points: list[tuple[float, float, float]],
) -> None:
    packed = Keypoints.of(points)
    assert len(packed) == len(points)
    for given_point, point in zip(points, packed, strict=True):
        assert all(0 <= value <= 1 for value in point)
        inside = 0 <= given_point[0] <= 1 and 0 <= given_point[1] <= 1
        if inside and 0 <= given_point[2] <= 1:
            assert point == pytest.approx(given_point)
        if not inside:
            assert point.confidence == 0
    assert Keypoints.of(packed) == packed


def test_what_is_no_number_was_not_seen() -> None:
    assert [p.confidence for p in Keypoints.of([(nan, 0.5, 1), (0.5, inf, 1), (0.5, 0.5, nan)])] == [0, 0, 0]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), max_size=33))
def test_the_box_holds_all_that_was_seen_and_has_a_size(points: list[tuple[float, float, float]]) -> None:
    keypoints = Keypoints.of(points)
    seen = [point for point in keypoints if point.confidence >= 0.3]
    box = box_around(keypoints)
    assert (box is None) == (len(seen) < 2)
    if box is not None:
        assert min(box.x, box.y) >= 0
        assert max(box.x + box.width, box.y + box.height) <= 1 + 1e-9
        assert min(box.width, box.height) > 0
        for point in seen:
            assert box.x - 1e-9 <= point.x <= box.x + box.width + 1e-9
            assert box.y - 1e-9 <= point.y <= box.y + box.height + 1e-9


def at(x: float, y: float = 0.3, weight: float = 0.9) -> Person:
    return Person(Box(x, y, 0.1, 0.4), weight, Keypoints.of([(x, y, 1.0), (x + 0.05, y, 0.9), (x + 0.1, y, 0.8)]))


def tracked(film: Sequence[Sequence[Person]], boundaries_us: Sequence[int] = (0,), first: int = 0) -> list[Track]:
    samples = [PoseSample(number * PERIOD_US, tuple(people)) for number, people in enumerate(film)]
    return person_tracks(samples, boundaries_us, NAMES, first)


def test_a_person_is_one_track_with_the_points_of_each_picture() -> None:
    film = [[at(0.1 + 0.02 * number), at(0.8)] for number in range(10)]
    one, other = tracked(film, first=5)
    assert (one.number, one.method, one.label, one.keypoint_names) == (5, "pose", "person", NAMES)
    assert other.number == 6
    assert [sample.keypoints for sample in one.samples] == [people[0].keypoints for people in film]
    assert [sample.t_us for sample in one.samples] == [number * PERIOD_US for number in range(10)]


def test_two_pictures_without_the_person_do_not_end_the_track_and_four_do() -> None:
    def film(missing: int) -> list[list[Person]]:
        return [[] if 5 <= number < 5 + missing else [at(0.4)] for number in range(16)]

    assert [len(track.samples) for track in tracked(film(2))] == [14]
    assert [len(track.samples) for track in tracked(film(4))] == [5, 7]


def test_no_track_goes_beyond_a_scene() -> None:
    one, other = tracked([[at(0.4)]] * 12, [0, 1_000_000, 1_100_000])
    assert (one.end_us, other.start_us) == (800_000, 1_200_000)
    assert [len(t.samples) for t in tracked([[at(0.4)]] * 12, [0, 50_000])] == [11]


def test_who_is_hardly_certain_goes_on_in_a_track_but_starts_none() -> None:
    assert tracked([[at(0.4, weight=0.4)]] * 8) == []
    film = [[at(0.4, weight=0.9 if number < 4 else 0.4)] for number in range(8)]
    assert [len(track.samples) for track in tracked(film)] == [8]


def test_somebody_behind_another_person_keeps_a_track_of_their_own() -> None:
    small = Box(0.42, 0.35, 0.06, 0.3)
    behind = Person(small, 0.8, Keypoints.of([(0.45, 0.5, 1.0)] * 3))
    film = [[at(0.4), behind] if number < 6 else [at(0.4)] for number in range(12)]
    assert sorted(len(track.samples) for track in tracked(film)) == [6, 12]


def test_who_stretches_before_another_person_is_not_both() -> None:
    behind = Person(Box(0.42, 0.35, 0.06, 0.3), 0.8, at(0.42).keypoints)
    stretched = at(0.4)._replace(box=Box(0.34, 0.3, 0.22, 0.4))
    film = [[stretched if number == 6 else at(0.4), behind] for number in range(12)]
    assert [len(track.samples) for track in tracked(film)] == [12, 12]
