"""Times of frames, from PTS of every sort."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.decode.clock import FrameClock

MS = Fraction(1, 1000)


def times(pts: list[int | None], *, rate: Fraction | None = Fraction(25), base: Fraction = MS) -> list[int]:
    clock = FrameClock(base, rate)
    return [clock.time_us(p) for p in pts]


def test_times_count_from_the_first_pts() -> None:
    assert times([1440, 1480, 1520]) == [0, 40_000, 80_000]


def test_a_gap_stays_a_gap() -> None:
    assert times([0, 40, 2040]) == [0, 40_000, 2_040_000]


def test_a_frame_without_pts_follows_at_the_nominal_rate() -> None:
    assert times([None, None, None], rate=Fraction(50)) == [0, 20_000, 40_000]
    assert times([100, None, 180]) == [0, 40_000, 80_000]


def test_a_pts_that_starts_over_goes_on_from_where_the_film_was() -> None:
    assert times([9000, 9040, 0, 40]) == [0, 40_000, 80_000, 120_000]


def test_ticks_that_are_no_whole_microseconds_do_not_add_up() -> None:
    assert times([3003 * i for i in range(30_001)], base=Fraction(1, 90_000))[-1] == 1_001_000_000


def test_the_last_frame_ends_after_its_own_duration_or_the_nominal_one() -> None:
    clock = FrameClock(MS, Fraction(25))
    clock.time_us(500)
    assert (clock.end_us(80), clock.end_us(None), clock.end_us(0)) == (80_000, 40_000, 40_000)


@given(st.lists(st.none() | st.integers(-(2**40), 2**40), min_size=1, max_size=50))
def test_times_always_ascend_from_zero(pts: list[int | None]) -> None:
    found = times(pts)
    assert found[0] == 0
    assert all(a < b for a, b in pairwise(found))


def variable(pts: list[int]) -> bool:
    clock = FrameClock(MS, None)
    for p in pts:
        clock.time_us(p)
    return clock.variable


def test_uneven_steps_make_a_variable_rate_but_rounding_or_one_gap_does_not() -> None:
    assert variable([i * 40 + (i // 2) * 40 for i in range(50)])
    assert not variable([round(i * 1000 / 24) for i in range(100)])
    assert not variable([i * 40 + (2000 if i > 30 else 0) for i in range(60)])
    assert not variable([0])


@pytest.mark.parametrize(
    ("pts", "origin_us"),
    [
        ([1440, 1480, 1520], 1_440_000), ([0, 40, 2040], 0), ([None, None, 40], None), ([0, None, 80], None),
        ([9000, 9040, 0, 40], None), ([0, 40, 40], None),
    ],
)  # fmt: skip
def test_times_are_their_pts_less_an_origin_or_there_is_none(pts: list[int | None], origin_us: int | None) -> None:
    clock = FrameClock(MS, Fraction(25))
    found = [clock.time_us(p) for p in pts]
    assert clock.origin_us == origin_us
    if origin_us is not None:
        assert found == [clock.pts_us(p or 0) - origin_us for p in pts]
