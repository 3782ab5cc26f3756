"""Hyperscan and Python's `re`, in one piece and in many: the same findings."""

import re
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.detect.texts import VALUES, texts

from sightglass_detect import Passage, Settings, custom_detector, detectors, scan, scan_each
from sightglass_detect.blocks import BlockScanner
from sightglass_detect.engine import hyperscan_matcher
from sightglass_detect.engine.leading import leading_of
from sightglass_detect.engine.pattern import compiled, split_flags
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


# What stands beside a match of a bounded form, whatever that begins and ends with.
_LEFT = rb"(?:(?![0-9A-Za-z_])|(?<![0-9A-Za-z_]))(?:(?![0-9])|(?<![0-9][-./])(?<![0-9A-Fa-f]{4}-))"
_RIGHT = rb"(?:(?<![0-9A-Za-z_])|(?![0-9A-Za-z_]))(?:(?<![0-9])|(?![-.][0-9])(?!-[0-9A-Fa-f]{4}))"


# What is put there in turn, on one side or on both.
_BESIDE = (b"", b"a", b"Z", b"_", b"7", b"-", b"-7", b"7.", b"7/", b".7", b"beef-", b"-beef", b"bee-", b"\xc3\xa9")


def test_a_guard_of_which_a_part_is_known_keeps_out_what_the_whole_does() -> None:
    for detector in detectors():
        values = [re.sub("[«»]", "", value).encode() for value in detector.finds if len(value) < 200]
        text = (
            b"\n".join(a + value + b for value in values for a in _BESIDE for b in (b"", a))
            + b"\n"
            + b"\n".join(value + b for value in values for b in _BESIDE)
        )
        for form in (form for form in detector.forms if form.bounded):
            flags, body = split_flags(form.pattern)
            whole = re.compile(flags.encode() + _LEFT + b"(?:" + body.encode() + b")" + _RIGHT)
            whole_found = [match.span() for match in whole.finditer(text)]
            assert [match.span() for match in compiled(form).finditer(text)] == whole_found, form.pattern


def test_expressions_are_made_where_something_may_match_and_no_others() -> None:
    engine = engine_for(Settings(min_confidence=0.01))
    assert not any("regex" in vars(rule) for rule in engine.rules)
    engine.scan(b"mail ann@example.com")
    assert {rule.detector.id for rule in engine.rules if "regex" in vars(rule)} == {"email"}


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


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("ab1\n", max_size=12), max_size=60), st.lists(st.integers(1, 60), min_size=1, max_size=8),
    st.integers(1, 300), st.sampled_from(["hyperscan", "re"]), st.sampled_from(["^ab?1", "1[ab]$", "^1$"]),
)  # fmt: skip
def test_lines_begin_and_end_where_they_do_in_any_split_of_a_stream(
    parts: list[str], sizes: list[int], block_bytes: int, engine_name: Literal["hyperscan", "re"], pattern: str
) -> None:
    own = custom_detector("own", pattern=pattern)
    engine = engine_for(Settings(detectors=frozenset(), custom=(own,), engine=engine_name))
    data = (".".join(parts) + "." * 150).encode() * 3
    scanner = BlockScanner(engine, block_bytes=block_bytes)
    found, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        found += scanner.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    expected = [match.span() for match in re.finditer(f"(?m){pattern}".encode(), data)]
    assert [(one.start, one.end) for one in [*found, *scanner.finish()]] == expected


def test_a_value_at_the_border_of_a_block_is_seen_with_what_is_before_it() -> None:
    engine = engine_for(_SHORT)
    size = 97
    for filling in range(size):  # each place that a border can have
        data = b"." * (3 * engine.reach + filling) + b" ssn number 536904399 " + b"." * (2 * engine.reach)
        scanner = BlockScanner(engine, block_bytes=1)
        found = [f for at in range(0, len(data), size) for f in scanner.feed(data[at : at + size])]
        assert [f.detector for f in [*found, *scanner.finish()]] == ["us-ssn"]


@pytest.mark.parametrize("before", range(0, 4_200, 331))
def test_a_value_at_the_border_of_two_blocks_of_a_text_is_found(before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    line = ", ".join([*VALUES, *VALUES[::7]])
    data = (line + "\n").encode()
    whole = scan(b"\n" * before + data, settings=_ALL)
    monkeypatch.setattr(hyperscan_matcher, "_BLOCK_BYTES", 4_096)
    assert scan(b"\n" * before + data, settings=_ALL) == whole


def test_a_text_of_many_blocks_gives_each_finding_once() -> None:
    line = "mail ann@example.com, ssn 536-90-4399\n"
    text = (line + "." * 5_000 + "\n") * 500
    found = scan(text)
    assert len(found) == 2 * 500
    assert {text[f.start : f.end] for f in found} == {"ann@example.com", "536-90-4399"}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(texts | st.sampled_from(["", "1", "-", "\n", "4111-1111-", "1111-1111", "536-90-", "4399"]), max_size=8)
)
def test_each_of_many_texts_gives_what_it_gives_by_itself(some: list[str]) -> None:
    for chosen in (_ALL, _BY_RE):
        together = scan_each([Passage(text.encode()) for text in some], settings=chosen)
        assert together == [scan(text.encode(), settings=chosen) for text in some]


def test_texts_that_end_and_begin_with_any_example_say_nothing_of_one_another() -> None:
    values = [value.encode() for value in VALUES]
    assert scan_each([Passage(value) for value in values], settings=_ALL) == [scan(v, settings=_ALL) for v in values]


def test_each_of_many_texts_has_labels_of_its_own_and_is_of_its_own_detectors() -> None:
    number = b"536904399"
    passages = [Passage(number), Passage(number, labels=b"ssn"), Passage(number, named=["us-ssn"]), Passage(number)]
    assert [[f.detector for f in found] for found in scan_each(passages)] == [[], ["us-ssn"], ["us-ssn"], []]


def test_long_texts_stand_among_many_short_ones_as_they_are() -> None:
    line = b"mail ann@example.com, ssn 536-90-4399\n"
    some = [line, b"." * 300_000 + line, line * 10, b"", line * 20_000, line]
    assert scan_each([Passage(text) for text in some]) == [scan(text) for text in some]


def test_modes_hold_for_each_of_many_texts() -> None:
    hidden = b"mail=ann%40example.com"
    chosen = Settings(normalise=True)
    assert scan_each([Passage(hidden), Passage(b"")], settings=chosen) == [scan(hidden, settings=chosen), []]


def test_matches_may_start_as_far_before_their_first_sign_as_the_pattern_says() -> None:
    leading = leading_of("[a-z][0-9a-z.]{0,8}@[a-z]+x{1,2}")
    assert leading is not None
    text = b"to: ann.lee@example, or b@c; @d"
    assert list(leading.spans(text, 0, len(text), len(text))) == [(4, 11), (24, 25), (29, 29)]
    assert list(leading.spans(text, 6, 8, len(text))) == [(6, 8)]


@pytest.mark.parametrize("pattern", ["[0-9]{9}", "(?i)a@b", "[a-z@]{1,5}@b", "@b", "(?:a@|b)c"])
def test_a_pattern_without_a_first_sign_of_its_own_says_nothing_of_where_matches_start(pattern: str) -> None:
    assert leading_of(pattern) is None
