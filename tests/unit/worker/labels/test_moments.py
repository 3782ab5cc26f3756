"""Which frames of a scene are shown."""

from dataclasses import dataclass
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.labels.moments import moments_of

SECOND = 1_000_000
KNOWN = list(range(0, 60 * SECOND, SECOND // 10))


@dataclass(frozen=True, slots=True)
class Stretch:
    start_us: int
    end_us: int
    keyframe_us: int


def test_one_is_the_key_frame() -> None:
    assert moments_of(Stretch(0, 9 * SECOND, 3 * SECOND), KNOWN, 1) == [3 * SECOND]


def test_others_lie_far_from_it_and_off_the_edges() -> None:
    scene = Stretch(10 * SECOND, 20 * SECOND, 12 * SECOND)
    assert moments_of(scene, KNOWN, 3) == [12 * SECOND, 18_900_000, 15_400_000]


def test_a_short_scene_has_but_one() -> None:
    assert moments_of(Stretch(0, SECOND, 500_000), KNOWN, 3) == [500_000]


def test_without_other_frames_there_is_but_one() -> None:
    assert moments_of(Stretch(0, 9 * SECOND, 3), [], 3) == [3]


@given(st.integers(0, 50 * SECOND), st.integers(1, 20 * SECOND), st.floats(0, 1), st.integers(1, 3))
def test_they_are_frames_of_the_scene_and_a_second_apart(start: int, length: int, at: float, count: int) -> None:
    scene = Stretch(start, start + length, start + int(at * (length - 1)))
    found = moments_of(scene, KNOWN, count)
    assert found[0] == scene.keyframe_us
    assert 1 <= len(found) <= count
    assert all(t in KNOWN and start <= t < start + length for t in found[1:])
    assert all(abs(a - b) >= SECOND for a, b in combinations(found, 2))
