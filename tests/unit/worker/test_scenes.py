"""Scenes of drawn frames: what is a boundary, what is none, and how the scenes lie."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sightglass_worker.domain.scenes import finder
from sightglass_worker.domain.scenes.boundary import Boundary, BoundaryKind
from sightglass_worker.domain.scenes.dissolves import Dissolve, DissolveFinder
from sightglass_worker.domain.scenes.finder import Scene, SceneFinder
from sightglass_worker.domain.scenes.signature import Signature, change, difference, signatures, unlikeness

Luma = NDArray[np.floating[Any]]
FRAME_US = 40_000


def picture(seed: int) -> Luma:
    return np.kron(np.random.default_rng(seed).uniform(20, 230, (9, 16)), np.ones((8, 8)))


def seen(luma: Luma) -> Signature:
    y = luma.clip(0, 255).astype(np.uint8)
    grey = np.full(2 * 36 * 64, 128, np.uint8)
    (alone,) = signatures(np.concatenate((y.ravel(), grey))[None], y.size, y.shape[1])
    return alone


def scenes_of(lumas: Sequence[Luma]) -> list[Scene]:
    finder = SceneFinder()
    found = [scene for i, luma in enumerate(lumas) for scene in finder.push(seen(luma), i * FRAME_US)]
    return [*found, *finder.finish(len(lumas) * FRAME_US)]


def starts(lumas: Sequence[Luma]) -> list[tuple[int, str]]:
    return [(scene.first_frame, scene.boundary_kind.value) for scene in scenes_of(lumas)[1:]]


def fade(shot: Luma, levels: Sequence[float]) -> list[Luma]:
    return [16 + (shot - 16) * level for level in levels]


A, B, C = picture(1), picture(2), picture(3)
BLACK = np.full_like(A, 16.0)
DOWN, UP = [1 - i / 10 for i in range(1, 11)], [i / 10 for i in range(1, 11)]


def test_a_cut_is_found_at_its_frame() -> None:
    assert starts([A] * 20 + [B] * 20) == [(20, "cut")]


def test_cuts_ten_frames_apart_are_both_kept() -> None:
    assert starts([A] * 20 + [B] * 10 + [C] * 20) == [(20, "cut"), (30, "cut")]


def test_a_flash_is_no_cut() -> None:
    for length in (1, 2, 3, 4):
        assert starts([A] * 20 + [A * 0.2 + 200] * length + [A] * 20) == []
        assert starts([A] * 20 + [B] * length + [A] * 20) == []


def test_a_change_of_brightness_is_no_cut() -> None:
    assert starts([A * 0.7] * 20 + [A * 0.9 + 20] * 20) == []


def test_a_pan_is_no_cut() -> None:
    wide = np.kron(np.random.default_rng(7).uniform(20, 230, (9, 60)), np.ones((8, 8)))
    assert starts([wide[:, 5 * i : 5 * i + 128] for i in range(60)]) == []


def test_a_jerk_in_a_pan_is_no_cut() -> None:
    wide = np.kron(np.random.default_rng(7).uniform(20, 230, (3, 20)), np.ones((24, 24)))
    places = [4 * i + (3 if i >= 30 else 0) for i in range(60)]
    assert starts([wide[:, x : x + 128] for x in places]) == []


def test_a_fade_through_black_is_one_boundary_where_the_black_ends() -> None:
    film = [A] * 20 + fade(A, DOWN) + [np.full_like(A, 16.0)] * 5 + fade(B, UP) + [B] * 20
    assert starts(film) == [(35, "fade")]


def test_a_fast_fade_in_from_black_is_no_cut() -> None:
    assert starts([np.full_like(A, 16.0)] * 20 + fade(A, [0.25, 0.5, 0.75, 1.0]) + [A] * 20) == []


def test_through_black_and_back_to_the_same_picture_is_no_boundary() -> None:
    assert starts([A] * 20 + fade(A, DOWN) + [np.full_like(A, 16.0)] * 5 + fade(A, UP) + [A] * 20) == []


def test_a_fade_out_that_ends_in_a_cut_is_one_boundary_at_the_cut() -> None:
    assert starts([A] * 20 + fade(A, DOWN) + [BLACK] * 5 + [B] * 20) == [(35, "fade_out")]
    assert starts([A] * 20 + fade(A, DOWN) + [BLACK] * 900 + [B] * 9) == [(930, "fade_out")]


def test_a_fade_in_after_a_cut_to_black_is_one_boundary_at_the_cut() -> None:
    assert starts([A] * 20 + [BLACK] * 8 + fade(B, UP) + [B] * 20) == [(20, "fade_in")]
    assert starts([A] * 20 + [BLACK] * 900 + fade(B, UP) + [B] * 9) == [(20, "fade_in")]


def test_a_fade_in_at_the_start_is_the_start_alone() -> None:
    assert starts([BLACK] * 20 + fade(A, UP) + [A] * 20) == []


def test_black_between_two_cuts_is_a_scene_of_its_own() -> None:
    assert starts([A] * 20 + [BLACK] * 20 + [B] * 20) == [(20, "cut"), (40, "cut")]


def test_each_of_three_ways_through_black_is_told_of_its_own_scene() -> None:
    out, back = [*fade(A, DOWN), *[BLACK] * 5], [*[BLACK] * 5, *fade(B, UP)]
    film = [*[A] * 20, *out, *[B] * 20, *[BLACK] * 8, *fade(C, UP), *[C] * 20, *fade(C, DOWN), *back, *[B] * 20]
    assert starts(film) == [(35, "fade_out"), (55, "fade_in"), (108, "fade")]


def test_a_fade_after_endless_black_is_still_found() -> None:
    film = [A] * 20 + fade(A, DOWN) + [np.full_like(A, 16.0)] * 900 + fade(B, UP) + [B] * 9
    assert starts(film) == [(930, "fade")]


def test_a_page_that_replaces_another_on_a_still_screen_is_a_cut() -> None:
    def page(seed: int) -> Luma:
        ink = np.random.default_rng(seed).random((72, 128)) < 0.04
        return np.where(ink, 200.0, 40.0)

    assert starts([page(1)] * 30 + [page(2)] * 30) == [(30, "cut")]


@pytest.mark.parametrize(("left", "cuts"), [(0.1, []), (0.3, [(30, "cut")])])
def test_a_page_that_has_only_moved_is_no_cut(left: float, cuts: list[tuple[int, str]]) -> None:
    finder, asked = SceneFinder(), list[int]()
    found = list[Scene]()
    for i, luma in enumerate([A] * 30 + [B] * 30):
        found += finder.push(seen(luma), i * FRAME_US, lambda i=i: asked.append(i) or left)
    found += finder.finish(60 * FRAME_US)
    assert [(scene.first_frame, scene.boundary_kind.value) for scene in found[1:]] == cuts
    assert asked == [30]  # it costs something, so nobody asks where nothing changed


def test_nobody_asks_for_a_move_where_a_shot_was_moving() -> None:
    finder, asked = SceneFinder(), list[int]()
    for i, luma in enumerate([np.roll(A, 3 * i, axis=1) for i in range(30)] + [B] * 30):
        finder.push(seen(luma), i * FRAME_US, lambda i=i: asked.append(i) or 0.0)
    assert asked == []


def test_no_frames_give_no_scenes() -> None:
    assert list(SceneFinder().finish(1_000_000)) == []


def test_one_frame_is_one_scene() -> None:
    assert scenes_of([A]) == [Scene(0, FRAME_US, 0, 0, BoundaryKind.START, 1.0)]


@given(st.integers(1, 80), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_frames_that_do_not_change_have_no_cut(count: int, seed: int) -> None:
    assert starts([picture(seed)] * count) == []


shots = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 30)), min_size=1, max_size=8)


@given(shots, st.floats(0.0, 12.0))
@settings(max_examples=60, deadline=None)
def test_scenes_tile_the_film_without_gap_or_overlap(cast: list[tuple[int, int]], grain: float) -> None:
    random = np.random.default_rng(0)
    film = [picture(seed) + random.normal(0, grain, A.shape) for seed, count in cast for _ in range(count)]
    scenes = scenes_of(film)
    assert scenes[0].start_us == 0
    assert scenes[0].first_frame == 0
    assert scenes[-1].end_us == len(film) * FRAME_US
    assert scenes[-1].last_frame == len(film) - 1
    for before, after in pairwise(scenes):
        assert (before.end_us, before.last_frame + 1) == (after.start_us, after.first_frame)
    assert all(scene.start_us < scene.end_us and 0 <= scene.boundary_score <= 1 for scene in scenes)


@given(st.lists(st.integers(8, 30), min_size=2, max_size=6), st.floats(0.6, 1.0), st.floats(0, 20))
@settings(max_examples=40, deadline=None)
def test_gain_and_brightness_do_not_move_cuts(lengths: list[int], gain: float, offset: float) -> None:
    film = [picture(100 + shot) for shot, count in enumerate(lengths) for _ in range(count)]
    assert starts([luma * gain + offset for luma in film]) == starts(film)


@given(shots)
@settings(max_examples=40, deadline=None)
def test_every_first_frame_of_a_cut_was_announced_as_possible(cast: list[tuple[int, int]]) -> None:
    finder, possible, found = SceneFinder(), set[int](), list[Scene]()
    film = [picture(seed) for seed, count in cast for _ in range(count)]
    for i, luma in enumerate(film):
        found += finder.push(seen(luma), i * FRAME_US)
        possible |= {i} if finder.latest_may_start_scene else set()
        assert all(scene.last_frame < finder.certain for scene in found)
    found += finder.finish(len(film) * FRAME_US)
    assert {scene.first_frame for scene in found if scene.boundary_kind is BoundaryKind.CUT} <= possible


def test_measures_are_symmetric_and_zero_for_the_same_picture() -> None:
    a, b = seen(A), seen(B)
    assert difference(a, a) == 0
    assert unlikeness(a, seen(A)) == pytest.approx(0)
    assert change(a, seen(A)) == pytest.approx(0)
    assert difference(a, b) == difference(b, a) > 0
    assert unlikeness(a, b) == unlikeness(b, a) > 0.5


def test_frames_summed_up_together_are_as_each_alone() -> None:
    samples = np.random.default_rng(2).integers(0, 256, (5, 60), np.uint8)
    for together, row in zip(signatures(samples, 40, 8), samples, strict=True):
        (alone,) = signatures(row[None], 40, 8)
        assert together.spread == alone.spread == pytest.approx(row[:40].std())
        assert (together.samples == row).all()
        assert (together.centred == alone.centred).all()


def test_a_flat_frame_shares_nothing_with_a_picture_and_all_with_another_flat_one() -> None:
    black, white = seen(np.zeros_like(A)), seen(np.full_like(A, 235.0))
    assert unlikeness(black, seen(A)) == 1
    assert unlikeness(black, white) == 0


class OverlappingDissolves(DissolveFinder):
    """Finds two of which the second begins before the first has ended."""

    def finish(self) -> Iterator[Dissolve]:
        for left, right in ((10, 30), (20, 50), (50, 60)):
            middle = (left + right) // 2
            yield Dissolve(left, right, Boundary(middle, middle * FRAME_US, BoundaryKind.DISSOLVE, 0.9))


def test_of_dissolves_that_overlap_the_first_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "DissolveFinder", OverlappingDissolves)
    assert starts([picture(1)] * 80) == [(20, "dissolve"), (55, "dissolve")]
