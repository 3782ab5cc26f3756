"""Scenes of key frames alone: what is a boundary, what is none, and which key frames are looked at."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.worker.test_scenes import BLACK, A, B, C, Luma, seen

from sightglass_worker.domain.scenes.key_pace import PERIOD_US, SHORTEST_US, KeyPace
from sightglass_worker.domain.scenes.keyframes import KeyScene, KeySceneFinder

STEP_US = 2_000_000


def scenes_of(lumas: Sequence[Luma]) -> list[KeyScene]:
    finder = KeySceneFinder()
    found = [scene for i, luma in enumerate(lumas) if (scene := finder.push(seen(luma), i * STEP_US))]
    return [*found, finder.finish(len(lumas) * STEP_US)]


def starts(lumas: Sequence[Luma]) -> list[tuple[int, str]]:
    return [(scene.start_us // STEP_US, scene.boundary_kind.value) for scene in scenes_of(lumas)[1:]]


def looked_at(times_us: Sequence[int]) -> list[int]:
    pace = KeyPace()
    return [t_us for t_us in times_us if pace.wants(t_us)]


def test_a_scene_begins_at_the_first_key_frame_that_shows_another_picture() -> None:
    assert starts([A, A, B, B, B, C]) == [(2, "cut"), (5, "cut")]


def test_a_dark_and_a_pale_film_are_judged_as_any_other() -> None:
    for black in (16, 160):
        assert starts([black + luma * 0.15 for luma in (A, A, B)]) == [(2, "cut")]


def test_light_that_changes_and_things_that_move_are_no_boundary() -> None:
    moved = np.roll(A, 3, axis=1)
    assert starts([A * 0.6, A * 0.8 + 30, A, moved, A]) == []


def test_noise_on_a_grey_wall_is_no_boundary() -> None:
    noise = [np.random.default_rng(n).normal(120, 7, A.shape) for n in range(4)]
    assert all(seen(luma).spread >= 6 for luma in noise)
    quiet = [120 + (luma - 120) * 0.3 + np.linspace(-12, 12, A.shape[1]) for luma in noise]
    assert starts(quiet) == []


def test_black_belongs_to_the_scene_before_it() -> None:
    assert starts([A, BLACK, BLACK, B]) == [(3, "cut")]
    assert starts([A, BLACK, BLACK, A]) == []
    assert starts([BLACK, BLACK, A, A]) == []
    assert starts([A, BLACK]) == []


def test_one_key_frame_is_one_scene() -> None:
    (scene,) = scenes_of([A])
    assert (scene.start_us, scene.end_us, scene.boundary_kind, scene.boundary_score) == (0, STEP_US, "start", 1.0)


def test_the_longest_time_without_a_look_is_told_also_that_at_the_end() -> None:
    finder = KeySceneFinder()
    for t_us in (0, 1_000_000, 5_000_000, 6_000_000):
        finder.push(seen(A), t_us)
    assert finder.longest_gap_us == 4_000_000
    finder.finish(20_000_000)
    assert finder.longest_gap_us == 14_000_000


def test_times_that_do_not_ascend_and_films_without_key_frames_are_refused() -> None:
    finder = KeySceneFinder()
    with pytest.raises(ValueError, match="cannot show"):
        finder.finish(1)
    finder.push(seen(A), 5)
    with pytest.raises(ValueError, match="ascend"):
        finder.push(seen(A), 5)
    with pytest.raises(ValueError, match="cannot show"):
        finder.finish(5)


@given(st.lists(st.sampled_from([0, 1, 2, 3]), min_size=1, max_size=30))
def test_scenes_tile_the_film_and_each_begins_at_a_key_frame(which: list[int]) -> None:
    scenes = scenes_of([[A, B, C, BLACK][n] for n in which])
    assert (scenes[0].start_us, scenes[-1].end_us) == (0, len(which) * STEP_US)
    for here, following in pairwise(scenes):
        assert here.end_us == following.start_us
        assert here.start_us % STEP_US == 0
        assert here.start_us < here.end_us
    lit = [n for n in which if n != 3]
    assert len(scenes) == 1 + sum(a != b for a, b in pairwise(lit))


def test_key_frames_that_are_far_apart_are_all_looked_at() -> None:
    times = [0, 2_000_000, 4_000_000, 14_000_000, 15_000_000]
    assert looked_at(times) == times


def test_where_every_frame_is_a_key_frame_one_a_second_is_looked_at() -> None:
    assert looked_at(range(0, 3_000_001, 40_000)) == [0, 1_000_000, 2_000_000, 3_000_000]


def test_a_key_frame_that_breaks_an_even_pace_is_looked_at() -> None:
    even = list(range(0, 4_800_001, 480_000))
    early = even[-1] + 250_000
    assert early in looked_at([*even, early])
    assert even[-1] + 480_000 not in looked_at([*even, even[-1] + 480_000])


@given(st.lists(st.integers(1, 3_000_000), min_size=1, max_size=200))
def test_looks_are_never_nearer_than_a_fifth_of_a_second_nor_a_second_later_than_they_could(steps: list[int]) -> None:
    times = [sum(steps[:n]) for n in range(len(steps) + 1)]
    looked = looked_at(times)
    assert looked[0] == 0
    for here, following in pairwise(looked):
        assert following - here >= SHORTEST_US
        skipped = [t_us for t_us in times if here < t_us < following]
        assert all(t_us - here < PERIOD_US for t_us in skipped)
