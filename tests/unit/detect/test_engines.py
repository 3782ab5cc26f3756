"""Hyperscan and Python's `re`, in one piece and in many: the same findings."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.detect.texts import VALUES, texts

from sightglass_detect import Settings, scan
from sightglass_detect.blocks import BlockScanner
from sightglass_detect.scanning import engine_for

_ALL = Settings(min_confidence=0)
# Without those of many kilobytes, which are seen as a whole: blocks are small here, and their borders many.
_SHORT = Settings(min_confidence=0, without=frozenset({"credentials"}))
_BY_RE = Settings(min_confidence=0, engine="re")


@settings(max_examples=300, deadline=None)
@given(texts)
def test_both_engines_find_the_same(text: str) -> None:
    assert scan(text, settings=_ALL) == scan(text, settings=_BY_RE)


def test_both_engines_find_the_same_in_every_example() -> None:
    for value in VALUES:
        assert scan(value, settings=_ALL) == scan(value, settings=_BY_RE), value


def test_both_engines_find_the_same_in_all_examples_together() -> None:
    for joint in ("\n", " ", ",", '","'):
        text = joint.join(VALUES)
        assert scan(text, settings=_ALL) == scan(text, settings=_BY_RE)


@settings(max_examples=200, deadline=None)
@given(texts, st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(1, 300), st.integers(0, 3000))
def test_any_split_of_a_stream_gives_the_findings_of_the_whole(
    text: str, sizes: list[int], block_bytes: int, filling: int
) -> None:
    data = b"." * filling + (text + "\n").encode() * 12 + b"." * filling + text.encode()
    engine = engine_for(_SHORT)
    scanner = BlockScanner(engine, block_bytes=block_bytes)
    found, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)] * 7
        found += scanner.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    assert [*found, *scanner.finish()] == engine.scan(data)


def test_a_value_at_the_border_of_a_block_is_seen_with_what_is_before_it() -> None:
    engine = engine_for(_SHORT)
    for filling in range(0, 400, 3):
        data = b"." * (5 * engine.reach + filling) + b" ssn number 536904399 " + b"." * (3 * engine.reach)
        scanner = BlockScanner(engine, block_bytes=1)
        found = [f for at in range(0, len(data), 97) for f in scanner.feed(data[at : at + 97])]
        assert [f.detector for f in [*found, *scanner.finish()]] == ["us-ssn"]


def test_a_text_of_many_blocks_gives_each_finding_once() -> None:
    line = "mail ann@example.com, ssn 536-90-4399\n"
    text = (line + "." * 5_000 + "\n") * 500
    found = scan(text)
    assert len(found) == 2 * 500
    assert {text[f.start : f.end] for f in found} == {"ann@example.com", "536-90-4399"}
