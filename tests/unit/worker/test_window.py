"""What a range looks at beyond its own frames is enough for every verdict on these."""

from collections.abc import Sequence

import numpy as np
import pytest

from sightglass_worker.decode.movement import PERIOD_US
from sightglass_worker.domain.merging.window import REACH_SPANS, SPAN_US, Window
from sightglass_worker.domain.motion.finder import MotionFinder
from sightglass_worker.domain.motion.maps import Luma
from sightglass_worker.domain.motion.samples import MotionSample

FRAME_US = 40_000


def pictures(cuts: Sequence[int], length: int) -> list[Luma]:
    """Pictures that pan over another texture after each cut."""
    made: list[Luma] = []
    for n in range(length):
        shot = sum(cut <= n for cut in cuts)
        wide = np.kron(np.random.default_rng(shot).uniform(0, 255, (6, 50)), np.ones((4, 4)))
        made.append(wide[:, n : n + 32].astype(np.float32))
    return made


def samples(seen: Sequence[Luma], first: int, end: int) -> list[MotionSample]:
    """Of a run over a part."""
    finder = MotionFinder()
    found = [s for n in range(first, end) for s in finder.push(seen[n], n * SPAN_US)]
    return [*found, *finder.finish()]


@pytest.mark.parametrize("cut", range(20, 110, 3))
def test_samples_of_motion_are_those_of_the_whole_film_wherever_a_cut_is(cut: int) -> None:
    seen = pictures([cut, cut + 31], 150)
    start, end = 60 * SPAN_US, 80 * SPAN_US
    # The range's first span has none.
    part = samples(seen, 60 - REACH_SPANS + 1, 80 + REACH_SPANS)
    own = [s for s in samples(seen, 0, 150) if start <= s.t_us < end]
    assert [s for s in part if start <= s.t_us < end] == own
    assert len(own) >= 18  # all but the first after a cut


def test_a_window_counts_the_spans_of_which_samples_are_taken() -> None:
    assert SPAN_US == PERIOD_US


@pytest.mark.parametrize("step_us", [1_000, 16_667, 40_000, 100_000, 3_000_000])
def test_neighbours_agree_on_whose_a_frame_is_and_have_seen_the_same_around_it(step_us: int) -> None:
    times = range(0, 200 * max(step_us, 60_000), step_us)
    edge_us = times[len(times) // 2]
    before, after = Window(first=True, end_us=edge_us), Window(first=False, end_us=None)
    head, tail, owners = list[int](), list[int](), list[tuple[int, int]]()
    for t_us in times:
        before.push(t_us)
        mine, theirs = before.owns_newest, False
        if before.in_tail:
            tail.append(t_us)
        if t_us >= edge_us:
            after.push(t_us)
            theirs = after.owns_newest
            if after.in_head:
                head.append(t_us)
        owners.append((mine, theirs))
        assert (mine, theirs) == (before.owns_time(t_us), after.owns_time(t_us))
    assert head == tail
    assert all(mine != theirs for mine, theirs in owners)
    assert after.own_from_us - edge_us >= min(2_500_000, 28 * step_us)
    assert before.done
