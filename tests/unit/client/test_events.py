"""Reading a stream of server-sent events."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_client.errors import UnexpectedAnswer
from sightglass_client.events import Event, events

STREAM = (
    ': hello\n\nid: 1\nevent: job\ndata: {"a": "x\u2028y\x85z"}\n\nretry: 5\nid: 2\r\nevent: job\r\ndata: one\r\n'
    "data:two\r\n\r\ndata: plain\r\rid: 3\ndata: cut o"
).encode()
EVENTS = [
    None,
    Event('{"a": "x\u2028y\x85z"}', "job", "1"),
    Event("one\ntwo", "job", "2"),
    Event("plain", "message", "2"),
]


def test_events_come_with_their_ids_and_a_cut_one_is_dropped() -> None:
    assert list(events([STREAM])) == EVENTS


@given(st.lists(st.integers(0, len(STREAM))))
def test_the_cuts_between_chunks_do_not_matter(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    chunks = [STREAM[a:b] for a, b in pairwise(edges)]
    assert list(events(chunks)) == EVENTS


def test_an_endless_line_is_refused() -> None:
    with pytest.raises(UnexpectedAnswer):
        list(events(b"data: " + b"x" * 1_000_000 for _ in range(10)))
