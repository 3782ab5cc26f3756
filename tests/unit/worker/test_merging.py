"""A film in ranges: whatever the cuts into ranges, the scenes and what stands for them are those of the whole film."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sightglass_worker.domain.merging.cadence import Cadence, Steps
from sightglass_worker.domain.merging.joiner import JoinedScene, SceneJoiner
from sightglass_worker.domain.merging.marks import Piece, RangeEnds
from sightglass_worker.domain.merging.range_finder import RangeFinder
from sightglass_worker.domain.merging.window import REACH_SPANS
from sightglass_worker.domain.scenes.candidates import Candidate, CandidateRule, Held, Role
from sightglass_worker.domain.scenes.finder import Scene, SceneFinder
from sightglass_worker.domain.scenes.signature import Signature, signatures

FRAME_US = 40_000
Told = tuple[list[Piece[int]], RangeEnds]


def seen(luma: NDArray[np.floating[Any]]) -> Signature:
    y = luma.clip(0, 255).astype(np.uint8)
    return signatures(np.concatenate((y.ravel(), np.full(16, 128, np.uint8)))[None], y.size, y.shape[1])[0]


PICTURES = [np.kron(np.random.default_rng(n).uniform(20, 230, (6, 8)), np.ones((2, 2))) for n in range(4)]
SHOTS = [seen(p) for p in PICTURES]
# Each picture from black on: flat, not flat but not lit either, and lit.
DIMMED = [[seen(16 + (p - 16) * part) for part in (0.0, 0.02, 0.06, 0.08, 0.3, 0.6)] for p in PICTURES]
LADDERS = ["-abcde", "-fghij", "-klmno", "-pqrst"]
# From each picture to the next in 24 steps.
MIXED = [[seen(a + (b - a) * n / 25) for n in range(1, 25)] for a, b in pairwise(PICTURES)]
MIXES = ["".join(chr(0x3B1 + 24 * pair + n) for n in range(24)) for pair in range(3)]
FRAMES = {
    "W": seen(np.full((12, 16), 235.0)),
    **dict(zip("ABCD", SHOTS, strict=True)),
    **{name: s for names, dims in zip(LADDERS, DIMMED, strict=True) for name, s in zip(names, dims, strict=True)},
    **{name: s for names, mixed in zip(MIXES, MIXED, strict=True) for name, s in zip(names, mixed, strict=True)},
}


def serial(film: Sequence[Signature]) -> list[Scene]:
    finder = SceneFinder()
    scenes = [scene for n, s in enumerate(film) for scene in finder.push(s, n * FRAME_US)]
    return [*scenes, *finder.finish(len(film) * FRAME_US)]


def looked_at(film: Sequence[Signature], sharp: Sequence[float]) -> list[JoinedScene[int]]:
    """The scenes of a run over the whole film, and what stands for them: as decode.analysis goes about it."""
    finder, rule, held = SceneFinder(), CandidateRule(), Held[int]()
    joined: list[JoinedScene[int]] = []

    def found(scene: Scene) -> None:
        best = held.take(scene.last_frame + 1)
        assert best is not None
        joined.append(JoinedScene(scene, best))

    for n, signature in enumerate(film):
        done = finder.push(signature, n * FRAME_US)
        role = rule.role(signature, n * FRAME_US, may_be_cut=finder.latest_may_start_scene)
        if role is not Role.NONE and held.wants(role, sharp[n]):
            held.add(Candidate(n, n * FRAME_US, sharp[n], n))
        for scene in done:
            found(scene)
        held.thin(finder.certain)
    for scene in finder.finish(len(film) * FRAME_US):
        found(scene)
    return joined


def told(film: Sequence[Signature], start: int, end: int | None, sharp: Sequence[float]) -> Told:
    """What the range between two key frames tells: it sees no frame before its first, and more than its own."""
    finder: RangeFinder[int] = RangeFinder(first=start == 0, end_us=None if end is None else end * FRAME_US)
    pieces: list[Piece[int]] = []
    steps, ended = Steps(), True
    for n in range(start, len(film)):
        role = finder.push(film[n], n * FRAME_US)
        finder.offer(role, sharp[n], lambda n=n: n)
        if n % 16 == 15:  # as after a burst
            pieces += finder.pieces()
        if finder.window.owns_newest:
            steps.push(n * FRAME_US)
        if finder.window.done:
            ended = False
            break
    pieces += finder.finish(ended=ended)
    return pieces, finder.ends(steps.cadence)


def joined(film: Sequence[Signature], starts: Sequence[int], sharp: Sequence[float]) -> list[JoinedScene[int]]:
    joiner: SceneJoiner[int] = SceneJoiner()
    ends = [*starts[1:], None]
    scenes = [s for a, b in zip(starts, ends, strict=True) for s in joiner.push(*told(film, a, b, sharp))]
    return [*scenes, *joiner.finish(len(film) * FRAME_US)]


def stretch(shot: str, length: int) -> str:
    return shot * length


def dissolve(pair: int, speed: int, length: int) -> str:
    return "ABCD"[pair] * length + MIXES[pair][::speed] + "ABCD"[pair + 1] * length


def dissolves_in_a_row(speed: int, lengths: list[int]) -> str:
    return "".join("ABCD"[n] * length + MIXES[n][::speed] for n, length in enumerate(lengths)) + "D" * 30


def hovering(levels: str, order: list[int]) -> str:
    return "".join(levels[n] for n in order)


def shots() -> st.SearchStrategy[str]:
    """Stretches of which films are made, a letter a frame: shots, flashes, black, light that hovers, fades."""
    ladders = st.sampled_from(LADDERS)
    return st.one_of(
        st.builds(stretch, st.sampled_from("ABCDW"), st.integers(1, 14)),
        st.builds(hovering, ladders, st.lists(st.integers(0, 5), min_size=1, max_size=10)),
        st.integers(1, 40).map(lambda n: "-" * n),
        ladders,
        ladders.map(lambda levels: levels[::-1]),
    )


dissolves = st.builds(dissolve, st.integers(0, 2), st.integers(1, 2), st.integers(10, 40))
rows_of_dissolves = st.builds(
    dissolves_in_a_row, st.integers(1, 2), st.lists(st.integers(0, 30), min_size=3, max_size=3)
)
films = st.lists(st.one_of(shots(), dissolves, rows_of_dissolves), min_size=1, max_size=12).map("".join)


def ranges_of(film: Sequence[Signature], parts: set[int]) -> list[int]:
    return [0, *sorted({n % len(film) for n in parts} - {0})]


@settings(max_examples=60, deadline=None)
@given(drawn=films, parts=st.sets(st.integers(1, 400), max_size=6))
def test_any_cut_of_any_film_gives_the_scenes_of_the_whole(drawn: str, parts: set[int]) -> None:
    film = [FRAMES[name] for name in drawn]
    sharp, whole = [1.0] * len(film), serial(film)
    assert [s.scene for s in joined(film, [0], sharp)] == whole
    assert [s.scene for s in joined(film, ranges_of(film, parts), sharp)] == whole


@settings(max_examples=60, deadline=None)
@given(drawn=films, parts=st.sets(st.integers(1, 600), max_size=6), seed=st.integers(0, 9))
def test_any_cut_of_any_film_gives_the_pictures_of_the_whole(drawn: str, parts: set[int], seed: int) -> None:
    film = [FRAMES[name] for name in drawn]
    rng = Random(seed)
    sharp = [rng.choice((0.0, 1.0, 2.0, 2.01, 3.0)) for _ in film]
    assert joined(film, ranges_of(film, parts), sharp) == looked_at(film, sharp)


def test_light_that_no_fade_brought_is_forgotten_by_the_next_dissolve() -> None:
    film = [FRAMES[name] for name in "A" * 129 + "-----d-abcde" + dissolves_in_a_row(2, [0, 10, 7])]
    sharp = [1 + n % 5 / 2 for n in range(len(film))]
    whole = looked_at(film, sharp)
    for at in range(60, 90, 2):
        assert joined(film, [0, at], sharp) == whole, at


@pytest.mark.parametrize("shown", [0, 4, 8, 14])
def test_of_dissolves_that_overlap_the_same_is_told_wherever_ranges_meet(shown: int) -> None:
    film = [FRAMES[name] for name in dissolves_in_a_row(1, [60, shown, shown])]
    sharp = [1 + n % 7 / 2 for n in range(len(film))]
    whole = looked_at(film, sharp)
    for at in {n % len(film) for n in range(0, 220, 3)}:
        assert joined(film, ranges_of(film, {at}), sharp) == whole, at


def test_a_fade_through_long_black_is_found_wherever_ranges_meet() -> None:
    out, back = [DIMMED[0][n] for n in (5, 4, 2, 1)], [DIMMED[1][n] for n in (1, 2, 4, 5)]
    film = [*[SHOTS[0]] * 20, *out, *[DIMMED[0][0]] * 80, *back, *[SHOTS[1]] * 20]
    whole = serial(film)
    assert len(whole) == 2
    for at in range(1, 120, 7):
        assert [s.scene for s in joined(film, [0, at], [1.0] * len(film))] == whole, at


def test_every_frame_of_a_film_is_one_ranges_own() -> None:
    film = [SHOTS[0]] * 100
    for starts in ([0, 50], [0, 1, 2, 3], [0, 95], [0, 30, 31, 60, 99]):
        ends = [*starts[1:], None]
        counts = [told(film, a, b, [1.0] * 100)[1].cadence.frames for a, b in zip(starts, ends, strict=True)]
        assert sum(counts) == 100


def test_a_range_reads_no_further_than_twice_the_reach() -> None:
    finder: RangeFinder[int] = RangeFinder(first=True, end_us=50 * FRAME_US)
    pushed = 0
    while not finder.window.done:
        finder.push(SHOTS[0], pushed * FRAME_US)
        pushed += 1
    frames_of_a_span = 100_000 / FRAME_US
    assert pushed == 50 + 2 * REACH_SPANS * frames_of_a_span + 1  # and the first beyond


def test_the_sharpest_frame_stands_for_a_scene_and_of_equals_the_earliest() -> None:
    film = [SHOTS[0]] * 60
    sharp = [1.0] * 60
    sharp[25] = sharp[37] = 3.0  # the first frames of slots of half a second
    (scene,) = joined(film, [0, 30], sharp)
    assert (scene.best.frame, scene.best.picture) == (25, 25)


def test_pictures_are_made_for_few_of_the_frames() -> None:
    made: list[int] = []
    finder: RangeFinder[None] = RangeFinder(first=True, end_us=None)
    for n in range(3000):
        finder.offer(finder.push(SHOTS[0], n * FRAME_US), float(1 + n % 97), lambda n=n: made.append(n))
        list(finder.pieces())
    assert len(made) < 50


@given(steps=st.lists(st.integers(1, 50_000), max_size=30), at=st.integers(0, 31))
def test_the_evenness_of_a_film_is_that_of_its_parts(steps: list[int], at: int) -> None:
    times = [sum(steps[:n]) for n in range(len(steps) + 1)]
    assert folded(times[:at]).then(folded(times[at:])) == folded(times)


def test_times_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(ValueError, match="ascend"):
        folded([5, 5])
    with pytest.raises(ValueError, match="ascend"):
        folded([5]).then(folded([5]))


def folded(times: Sequence[int]) -> Cadence:
    steps = Steps()
    for t_us in times:
        steps.push(t_us)
    return steps.cadence


def test_a_dissolve_is_found_wherever_ranges_meet() -> None:
    film = [FRAMES[name] for name in dissolve(0, 1, 70)]
    whole = serial(film)
    assert [scene.boundary_kind for scene in whole] == ["start", "dissolve"]
    for at in range(30, 130, 7):
        assert [s.scene for s in joined(film, [0, at], [1.0] * len(film))] == whole, at


@pytest.mark.parametrize(("drawn", "kind"), [("A" * 30 + "-" * 90 + "fghij" + "B" * 30, "fade_in"),
                                              ("A" * 30 + "edcba" + "-" * 90 + "B" * 30, "fade_out")])  # fmt: skip
def test_a_fade_that_a_cut_ends_is_told_by_the_cut_wherever_ranges_meet(drawn: str, kind: str) -> None:
    film = [FRAMES[name] for name in drawn]
    whole = serial(film)
    assert [scene.boundary_kind for scene in whole] == ["start", kind]
    for at in range(5, 150, 9):
        assert [s.scene for s in joined(film, [0, at], [1.0] * len(film))] == whole, at


def test_black_before_the_same_picture_is_no_boundary_wherever_ranges_meet() -> None:
    film = [FRAMES[name] for name in "A" * 20 + "edcba" + "-" * 70 + "abcde" + "A" * 20]
    whole = serial(film)
    assert len(whole) == 1
    for at in range(1, 120, 7):
        assert [s.scene for s in joined(film, [0, at], [1.0] * len(film))] == whole, at
