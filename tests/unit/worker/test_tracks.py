"""Tracks of regions that are given, with what is known about them."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.samples import MotionSample, Region
from sightglass_worker.domain.motion.tracks import SHORTEST_US, Track, TrackBuilder

STEP_US = 100_000
Regions = Sequence[Region]

SIDES = st.integers(1, 8).map(lambda side: side / 20)
REGIONS = st.builds(Region, st.builds(Box, SIDES, SIDES, SIDES, SIDES), st.sampled_from([0.3, 0.5, 0.9]))
FILMS = st.lists(st.lists(REGIONS, max_size=5), max_size=25)


def sample(number: int, regions: Regions, camera: tuple[float, float] = (0.0, 0.0)) -> MotionSample:
    return MotionSample(number * STEP_US, (number - 1) * STEP_US, camera, 0.0, 0.0, tuple(regions))


def built(film: Sequence[Regions], breaks: Sequence[int] = ()) -> tuple[list[Track], int]:
    builder = TrackBuilder()
    for number, regions in enumerate(film):
        builder.push(sample(number, regions), scene_break=number in breaks)
    return list(builder.finish()), builder.dropped


def going(number: int, *, x: float = 0.1, speed: float = 0.02, weight: float = 0.9, y: float = 0.4) -> Region:
    return Region(Box(x + speed * number, y, 0.1, 0.15), weight)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    across=st.floats(-0.03, 0.03),
    down=st.floats(-0.02, 0.02),
    lost=st.sets(st.integers(3, 26), max_size=6),
)
def test_a_box_at_constant_velocity_is_one_track_in_noise_and_with_gaps(
    seed: int, across: float, down: float, lost: set[int]
) -> None:
    noise, film = random.Random(seed), list[list[Region]]()
    for number in range(30):
        x, y = 0.45 + across * (number - 15), 0.45 + down * (number - 15)
        box = Box(x + noise.gauss(0, 0.004), y + noise.gauss(0, 0.004), 0.1 + noise.gauss(0, 0.004), 0.1)
        film.append([] if number in lost else [Region(box, noise.uniform(0.5, 1))])
    tracks, _ = built(film)
    longest = max((len(list(run)) for run in _runs(sorted(lost))), default=0)
    if longest <= 3:
        assert [len(track.samples) for track in tracks] == [30 - len(lost)]


def _runs(numbers: list[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return found


def test_a_track_goes_on_with_faint_regions_but_none_begins_with_one() -> None:
    film = [[going(n, weight=0.9 if n < 4 else 0.3)] for n in range(20)]
    tracks, _ = built(film)
    assert [len(track.samples) for track in tracks] == [20]
    assert built([[going(n, weight=0.3)] for n in range(20)]) == ([], 0)


def test_a_thing_unseen_is_found_again_by_a_clear_region_alone() -> None:
    film: list[list[Region]] = [[going(n)] for n in range(13)]
    film[10], film[11], film[12] = [], [going(11, weight=0.3)], [going(12)]
    (track,), _ = built(film)
    assert [s.t_us for s in track.samples[-2:]] == [900_000, 1_200_000]


def test_clear_regions_are_given_out_before_faint_ones() -> None:
    film: list[list[Region]] = [[going(n)] for n in range(10)]
    # Nearer to where it should be, but faint.
    film.append([going(10, weight=0.2), going(10, x=0.12, weight=0.9)])
    (track,), _ = built(film)
    assert track.samples[-1].box == going(10, x=0.12).box


def test_what_the_camera_does_is_not_the_things_own_movement() -> None:
    builder = TrackBuilder()
    for number in range(20):
        jerk = 0.12 if number >= 10 else 0.0
        moved = going(number, x=0.1 + jerk, speed=0.01)
        camera = (0.12, 0.0) if number == 10 else (0.0, 0.0)
        # Unseen after the jerk: only its own speed tells where it will be.
        seen = [] if 11 <= number <= 14 else [moved]
        builder.push(sample(number, seen, camera), scene_break=False)
    assert [len(track.samples) for track in builder.finish()] == [16]


def test_two_things_that_cross_keep_their_numbers() -> None:
    film: list[list[Region]] = []
    for number in range(40):
        one, other = going(number, x=0.05, y=0.4), going(number, x=0.83, speed=-0.02, y=0.45)
        if abs(one.box.x - other.box.x) < 0.13:
            left, right = min(one.box.x, other.box.x), max(one.box.x, other.box.x) + 0.1
            film.append([Region(Box(left, 0.4, right - left, 0.2), 0.9)])
        else:
            film.append([one, other])
    tracks, dropped = built(film)
    assert dropped == 0
    assert len(tracks) == 2
    for track, speed in zip(tracks, (0.02, -0.02), strict=True):
        way = track.samples[-1].box.x - track.samples[0].box.x
        assert way == pytest.approx(39 * speed, abs=0.001)
    # While they are one region, nothing is said of either.
    assert {len(track.samples) for track in tracks} == {40 - sum(len(regions) == 1 for regions in film)}


def test_a_track_in_a_shared_region_takes_no_other_beside_it() -> None:
    film: list[list[Region]] = [[going(n, speed=0.0), going(n, x=0.3, speed=0.0)] for n in range(10)]
    both = Region(Box(0.1, 0.4, 0.3, 0.15), 0.9)
    beside = Region(Box(0.08, 0.42, 0.1, 0.15), 0.9)
    tracks, _ = built([*film, [both, beside], *film])
    assert {sample.box for track in tracks for sample in track.samples} == {region.box for region in film[0]}


def test_a_thing_unseen_for_too_long_is_another_when_it_comes_back() -> None:
    film = [[going(n, speed=0.0)] if n < 10 or n >= 17 else [] for n in range(30)]
    assert [(t.start_us, t.end_us) for t in built(film)[0]] == [(0, 900_000), (1_700_000, 2_900_000)]


def test_tracks_too_short_or_too_sparse_are_dropped_and_counted() -> None:
    assert built([[going(n)] if n < 3 else [] for n in range(20)]) == ([], 1)
    sparse = [[going(n, speed=0.0)] if n % 5 == 0 or n == 1 else [] for n in range(40)]
    assert built(sparse) == ([], 1)
    assert len(built([[going(n)] if n < 4 else [] for n in range(20)])[0]) == 1


def test_the_sample_after_a_break_belongs_to_no_track() -> None:
    tracks, _ = built([[going(n)] for n in range(20)], breaks=[10])
    assert [(t.start_us, t.end_us) for t in tracks] == [(0, 900_000), (1_100_000, 1_900_000)]


def test_times_must_ascend() -> None:
    builder = TrackBuilder()
    builder.push(sample(3, []), scene_break=False)
    with pytest.raises(ValueError, match="ascend"):
        builder.push(sample(3, []), scene_break=False)


@settings(deadline=None)
@given(FILMS, st.sets(st.integers(0, 24), max_size=4))
def test_a_region_belongs_to_one_track_at_most_and_no_track_crosses_a_break(
    film: list[list[Region]], breaks: set[int]
) -> None:
    tracks, _ = built(film, sorted(breaks))
    used = Counter((s.t_us, s.box) for track in tracks for s in track.samples)
    there = Counter((number * STEP_US, region.box) for number, regions in enumerate(film) for region in regions)
    assert used <= there
    for track in tracks:
        assert all(a.t_us < b.t_us for a, b in pairwise(track.samples))
        assert track.end_us - track.start_us >= SHORTEST_US
        assert not any(track.start_us <= number * STEP_US <= track.end_us for number in breaks)
    assert [track.number for track in tracks] == list(range(len(tracks)))
    assert all(a.start_us <= b.start_us for a, b in pairwise(tracks))


@settings(deadline=None)
@given(FILMS, st.randoms())
def test_the_order_of_regions_in_a_sample_changes_nothing(film: list[list[Region]], order: random.Random) -> None:
    shuffled = [order.sample(regions, len(regions)) for regions in film]
    assert built(film) == built(shuffled)


def test_of_two_tracks_that_fit_as_well_the_same_one_goes_on_whatever_the_order() -> None:
    left, right = (Region(Box(x, 0.25, 0.25, 0.25), 0.9) for x in (0.125, 0.375))
    middle = Region(Box(0.25, 0.25, 0.25, 0.25), 0.9)
    # Both begin at once, and then there is one thing halfway.
    one, other = (built([pair] + [[middle]] * 8) for pair in ([left, right], [right, left]))
    assert one == other
    assert one[0][0].samples[0].box == left.box


@settings(deadline=None)
@given(FILMS, FILMS)
def test_scenes_one_after_another_give_the_tracks_that_each_gives_alone(
    one: list[list[Region]], other: list[list[Region]]
) -> None:
    both, dropped = built([*one, [], *other], breaks=[len(one)])
    first, first_dropped = built(one)
    second, second_dropped = built(other)
    shift_us = (len(one) + 1) * STEP_US
    moved = [[s._replace(t_us=s.t_us + shift_us) for s in track.samples] for track in second]
    assert [track.samples for track in both] == [*(track.samples for track in first), *moved]
    assert dropped == first_dropped + second_dropped
