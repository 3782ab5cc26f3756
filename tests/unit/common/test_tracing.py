"""W3C trace context."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.tracing import Trace

GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_header_comes_back_as_it_was() -> None:
    assert str(Trace.parse(GOOD)) == GOOD


def test_a_child_stays_in_the_trace_under_a_new_span() -> None:
    parent = Trace.parse(GOOD)
    assert parent.child().trace_id == parent.trace_id
    assert parent.child().span_id != parent.span_id


@pytest.mark.parametrize(
    "header",
    [None, "", "00", GOOD.upper(), GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32), "ff" + GOOD[2:]],
)
def test_what_is_not_valid_starts_a_new_trace(header: str | None) -> None:
    trace = Trace.parse(header)
    assert len(trace.trace_id) == 32
    assert trace.trace_id not in GOOD


@given(st.text())
def test_any_header_gives_a_trace_that_can_be_written(header: str) -> None:
    assert Trace.parse(str(Trace.parse(header))).trace_id
