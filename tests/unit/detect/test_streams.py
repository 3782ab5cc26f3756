"""Streams in the modes of their settings: what is hidden or misread is found wherever a piece ends."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightglass_detect import Settings, scan
from sightglass_detect.streams import ModeScanner, stream_scanner

_MODES = Settings(normalise=True, ocr=True)
_HIDDEN = [
    "mail " + base64.b64encode(b"write to ann.lee@example.com").decode(),
    "card 4111\u200b1111\u200b1111\u200b1111",
    "mail=ann%40example.com",
    "paid with 41I1 11l1 1111 1111",
    "ssn 536-9O-4399",
    "mail bob@example.com",
]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(_HIDDEN), st.integers(0, 9000)), max_size=6),
    st.lists(st.integers(900, 5000), min_size=1, max_size=5),
    st.integers(1, 20_000),
)
def test_any_split_of_a_stream_gives_what_the_whole_does(
    parts: list[tuple[str, int]], sizes: list[int], block_bytes: int
) -> None:
    data = "".join(f"{text}\n{'.' * filling}\n" for text, filling in parts).encode()
    scanner = ModeScanner(_MODES, block_bytes=block_bytes)
    found, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        found += scanner.feed(data[at : at + size])
        assert all(one.end <= at + size for one in found)
        at, turn = at + size, turn + 1
    assert [*found, *scanner.finish()] == scan(data, settings=_MODES)


def test_a_stream_has_labels_in_its_modes_too() -> None:
    scanner = stream_scanner(_MODES, labels=b"id\nssn", block_bytes=1)
    assert [one.detector for one in [*scanner.feed(b"536904399"), *scanner.finish()]] == ["us-ssn"]


@pytest.mark.parametrize("modes", [Settings(normalise=True), Settings(ocr=True)])
def test_without_what_is_hidden_modes_find_what_the_plain_stream_does(modes: Settings) -> None:
    data = b"mail ann@example.com, ssn 536-90-4399\n" * 3000
    plain, other = stream_scanner(Settings()), stream_scanner(modes, block_bytes=1 << 14)
    expected = [*plain.feed(data), *plain.finish()]
    found = [one for at in range(0, len(data), 999) for one in other.feed(data[at : at + 999])]
    assert [*found, *other.finish()] == expected
    assert len(expected) == 6000
