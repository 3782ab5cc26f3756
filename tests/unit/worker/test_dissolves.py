"""Dissolves of drawn frames: what is one, where it lies, and what only looks like one."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sightglass_worker.domain.scenes.boundary import BoundaryKind
from sightglass_worker.domain.scenes.dissolves import HALF_MAX, REACH_SLOTS, SLOT_US, Dissolve, DissolveFinder
from sightglass_worker.domain.scenes.finder import SceneFinder
from sightglass_worker.domain.scenes.signature import Signature, signatures

Luma = NDArray[np.floating[Any]]
FRAME_US = 40_000
ROWS, COLUMNS = 48, 128


def wide(seed: int) -> Luma:
    """A picture with things of all sizes, larger than the screen."""
    random = np.random.default_rng(seed)
    rows, columns = 2 * ROWS, 4 * COLUMNS
    sizes = [np.kron(random.normal(0, 30, (rows // n, columns // n)), np.ones((n, n))) for n in (4, 8, 16)]
    return (120 + np.sum(sizes, axis=0)).clip(0, 255)


def shown(picture: Luma, x: int = 0, y: int = 0) -> Luma:
    return picture[y : y + ROWS, x : x + COLUMNS]


def seen(luma: Luma) -> Signature:
    y = np.concatenate((luma.clip(0, 255).astype(np.uint8).ravel(), np.full(32, 128, np.uint8)))
    return signatures(y[None], luma.size, luma.shape[1])[0]


def mixed(a: Sequence[Luma], b: Sequence[Luma]) -> list[Luma]:
    """From the one to the other, evenly; as many frames as are given of each."""
    parts = [(n + 1) / (len(a) + 1) for n in range(len(a))]
    return [x * (1 - part) + y * part for x, y, part in zip(a, b, parts, strict=True)]


def starts(film: Sequence[Luma], step_us: int = FRAME_US) -> list[tuple[int, str]]:
    finder = SceneFinder()
    scenes = [scene for n, luma in enumerate(film) for scene in finder.push(seen(luma), n * step_us)]
    scenes += finder.finish(len(film) * step_us)
    return [(scene.first_frame, scene.boundary_kind.value) for scene in scenes[1:]]


PICTURES = [wide(n) for n in range(1, 5)]
A, B, C, D = (shown(picture) for picture in PICTURES)


@pytest.mark.parametrize("frames", [10, 15, 25, 37, 50])
@pytest.mark.parametrize("before", [20, 33])
def test_a_dissolve_is_a_boundary_in_its_middle(frames: int, before: int) -> None:
    ((start, kind),) = starts([A] * before + mixed([A] * frames, [B] * frames) + [B] * 30)
    assert kind == "dissolve"
    assert abs(start - (before + (frames - 1) / 2)) <= 2 * SLOT_US // FRAME_US


@pytest.mark.parametrize(("step_us", "frames"), [(16_667, 60), (20_000, 40), (33_333, 24), (83_333, 10)])
def test_dissolves_are_found_at_any_usual_frame_rate(step_us: int, frames: int) -> None:
    ((start, kind),) = starts([A] * 40 + mixed([A] * frames, [B] * frames) + [B] * 40, step_us)
    assert kind == "dissolve"
    assert abs(start - (40 + (frames - 1) / 2)) <= SLOT_US // step_us + 1


def test_a_dissolve_between_moving_shots_is_found() -> None:
    one = [shown(PICTURES[0], n // 2) for n in range(60)]
    other = [shown(PICTURES[1], 100 - n // 2) for n in range(60)]
    ((start, kind),) = starts(one[:30] + mixed(one[30:50], other[:20]) + other[20:])
    assert (abs(start - 40) <= 2, kind) == (True, "dissolve")


def test_dissolves_one_after_the_other_are_all_told() -> None:
    film = [A] * 20
    for a, b in ((A, B), (B, C), (C, D)):
        film += mixed([a] * 20, [b] * 20) + [b] * 15
    assert [kind for _, kind in starts(film)] == ["dissolve"] * 3


def test_a_cut_within_what_looks_like_a_dissolve_tells_the_scene_alone() -> None:
    finder = SceneFinder()
    way = mixed([A] * 30, [B] * 30)
    film = [A] * 20 + way[:15] + [C] * 10 + [B] * 30
    scenes = [s for n, luma in enumerate(film) for s in finder.push(seen(luma), n * FRAME_US)]
    scenes += finder.finish(len(film) * FRAME_US)
    assert [s.boundary_kind for s in scenes[1:]] == [BoundaryKind.CUT, BoundaryKind.CUT]


def swept() -> list[Luma]:
    """A picture that pushes the other one out."""
    return [np.concatenate((B[:, COLUMNS - x :], A[:, x:]), axis=1) for x in range(0, COLUMNS + 1, 4)]


def passed() -> list[Luma]:
    """A large thing that passes in front."""
    film: list[Luma] = []
    for x in range(-64, COLUMNS, 4):
        frame = A.copy()
        frame[:, max(0, x) : x + 64] = B[:, : min(64, x + 64, COLUMNS - x)]
        film.append(frame)
    return film


def relit() -> list[Luma]:
    """Light that moves from the left to the right."""
    ramp = np.linspace(0.3, 1.4, COLUMNS)
    return [A * (ramp * (1 - n / 25) + ramp[::-1] * n / 25) for n in range(26)]


def titled() -> list[Luma]:
    """A caption that fades in and out over a picture that stands still."""
    caption = A.copy()
    caption[16:32] = np.where(np.random.default_rng(8).random((16, COLUMNS)) < 0.5, 250.0, 20.0)
    return mixed([A] * 15, [caption] * 15) + [caption] * 10 + mixed([caption] * 15, [A] * 15)


LOOKALIKES: dict[str, Callable[[], list[Luma]]] = {
    "slow pan": lambda: [shown(PICTURES[0], n) for n in range(75)],
    "pan": lambda: [shown(PICTURES[0], 4 * n) for n in range(75)],
    "fast pan": lambda: [shown(PICTURES[0], 12 * n) for n in range(30)],
    "tilt": lambda: [shown(PICTURES[0], 0, n // 2) for n in range(90)],
    "pan from rest to rest": lambda: [shown(PICTURES[0], round(80 - 80 * np.cos(np.pi * n / 30))) for n in range(31)],
    "wipe": swept,
    "thing that passes": passed,
    "light": relit,
    "caption": titled,
    "blur": lambda: [(A - A.mean()) * (1 - min(n, 30 - n) / 16) + A.mean() for n in range(31)],
    "flash": lambda: [A * 0.2 + 200] * 3,
}


@pytest.mark.parametrize("film", LOOKALIKES.values(), ids=LOOKALIKES)
def test_what_moves_or_is_lit_is_no_dissolve(film: Callable[[], list[Luma]]) -> None:
    frames = film()
    assert "dissolve" not in [kind for _, kind in starts([frames[0]] * 25 + frames + [frames[-1]] * 25)]


@settings(max_examples=25, deadline=None)
@given(frames=st.integers(12, 50), before=st.integers(16, 60), level=st.floats(0.4, 1.0), noise=st.floats(0, 6))
def test_neither_light_nor_noise_nor_place_hides_a_dissolve(
    frames: int, before: int, level: float, noise: float
) -> None:
    random = np.random.default_rng(frames)
    film = [A] * before + mixed([A] * frames, [B] * frames) + [B] * 30
    ((start, kind),) = starts([luma * level + random.normal(0, noise, luma.shape) for luma in film])
    assert kind == "dissolve"
    # Two slots, and the half of one by which the middle lies beside the nearest look.
    assert abs(start - (before + (frames - 1) / 2)) <= 2.5 * SLOT_US / FRAME_US


def told(film: Sequence[Signature], start: int) -> list[Dissolve]:
    finder = DissolveFinder()
    found = [finder.push(film[n], n * FRAME_US) for n in range(start, len(film))]
    return [d for d in [*found, *finder.finish()] if d is not None]


@settings(max_examples=20, deadline=None)
@given(start=st.integers(0, 150), lengths=st.lists(st.integers(10, 40), min_size=3, max_size=3))
def test_a_verdict_depends_on_no_frame_beyond_its_reach(start: int, lengths: list[int]) -> None:
    film = [A] * 10
    for a, b, frames in zip((A, B, C), (B, C, D), lengths, strict=True):
        film += mixed([a] * frames, [b] * frames) + [b] * 8
    looked_at = [seen(luma) for luma in film]
    reach = (REACH_SLOTS + 1) * SLOT_US // FRAME_US
    whole = [d.boundary for d in told(looked_at, 0) if d.boundary.frame >= start + reach]
    part = [d.boundary for d in told(looked_at, start) if d.boundary.frame + start >= start + reach]
    assert [(b.frame + start, b.t_us, b.score) for b in part] == [(b.frame, b.t_us, b.score) for b in whole]


@settings(max_examples=20, deadline=None)
@given(frames=st.integers(12, 50), after=st.integers(7, 40))
def test_a_frame_that_shows_the_new_scene_alone_is_announced(frames: int, after: int) -> None:
    finder, announced = SceneFinder(), list[int]()
    film = [A] * 30 + mixed([A] * frames, [B] * frames) + [B] * after
    for n, luma in enumerate(film):
        finder.push(seen(luma), n * FRAME_US)
        announced += [n] if finder.latest_may_start_scene else []
    dissolves = [s for s in finder.finish(len(film) * FRAME_US) if s.boundary_kind is BoundaryKind.DISSOLVE]
    assert all(any(s.first_frame <= n <= s.last_frame for n in announced) for s in dissolves)


def test_the_window_holds_what_a_verdict_needs() -> None:
    assert HALF_MAX < REACH_SLOTS
