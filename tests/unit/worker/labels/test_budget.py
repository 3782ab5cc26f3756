"""Which frames of a film are shown, and how many calls are made."""

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sightglass_worker.labels.budget import CallBudget, OutOfCalls, chosen, wanted


@dataclass(frozen=True, slots=True)
class Frame:
    scene: int
    t_us: int


def frames_of(counts: list[int]) -> list[Frame]:
    """So many frames of each scene, the last in time first."""
    return [Frame(scene, scene * 100 - number) for scene, count in enumerate(counts) for number in range(count)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 4), max_size=40), st.integers(1, 3), st.integers(0, 50))
def test_a_budget_is_kept_and_goes_round_all_scenes(counts: list[int], per_scene: int, limit: int) -> None:
    frames = frames_of(counts)
    taken = chosen(wanted(frames, per_scene), limit)
    assert len(taken) == min(limit, sum(min(count, per_scene) for count in counts))
    assert len(set(taken)) == len(taken)
    assert taken == sorted(taken, key=lambda frame: (frame.scene, frame.t_us))
    own = Counter(frame.scene for frame in taken)
    assert max(own.values(), default=0) <= per_scene
    if max(own.values(), default=0) > 1:
        assert set(own) == {scene for scene, count in enumerate(counts) if count}


def test_the_frame_that_stands_for_its_scene_comes_first() -> None:
    assert chosen(wanted(frames_of([3, 3]), 3), 2) == [Frame(0, 0), Frame(1, 100)]


def test_a_budget_that_is_too_small_is_spread_over_the_whole_film() -> None:
    taken = chosen(wanted(frames_of([1] * 100), 1), 4)
    assert [frame.scene for frame in taken] == [0, 25, 50, 75]


def test_calls_end_with_their_budget() -> None:
    budget = CallBudget(2)
    budget.take(1)
    budget.take(1)
    with pytest.raises(OutOfCalls):
        budget.take(1)
    assert budget.made == 2
