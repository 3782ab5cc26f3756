"""Ids sort by the time they were made."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.ids import new_id


@given(st.integers(0, 2**47), st.integers(1, 2**40))
def test_later_ids_sort_later(milliseconds: int, later: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: milliseconds * 1_000_000)
        first = new_id()
        patch.setattr(time, "time_ns", lambda: (milliseconds + later) * 1_000_000)
        second = new_id()
    assert first < second
    assert first.version == second.version == 7
    assert first.variant == "specified in RFC 4122"


def test_no_two_are_the_same() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000
