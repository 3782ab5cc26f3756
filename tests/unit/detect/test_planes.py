"""Planes of bits: each says of each byte what a look at it says, and what is found in them is what `re` finds."""

import platform
import random
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.detect.draw import drawn

from sightglass_detect import Settings, detectors, scan
from sightglass_detect.engine import hyperscan_matcher, planes
from sightglass_detect.engine.heads import head_of_shape, heads_of, kinds_of
from sightglass_detect.engine.planes import (
    LONG,
    MARKS,
    WORD_BITS,
    Kind,
    Planes,
    ahead,
    behind,
    both,
    places_in,
    planes_of,
    windows_at,
)
from sightglass_detect.engine.regions import Regions

_OF_KIND = {
    Kind.DIGIT: "[1-9]",
    Kind.ZERO: "0",
    Kind.CAPITAL: "[A-Z]",
    Kind.SMALL: "[a-z]",
    Kind.MARK: "[" + re.escape(MARKS.decode()) + "]",
    Kind.OTHER: "[^0-9A-Za-z" + re.escape(MARKS.decode()) + "]",
}
_FORMS = [form for detector in detectors() for form in detector.forms]
_texts = st.text(alphabet="0129AZaz .-/()+,:\n_é", max_size=400).map(str.encode)


def _planes(text: bytes) -> tuple[bytes, Planes]:
    data = text + b"\n" * (3 * WORD_BITS - len(text) % WORD_BITS)
    (found,) = planes_of(data)
    return data, found


@given(_texts, st.sampled_from(sorted(_OF_KIND)), st.sampled_from(sorted(_OF_KIND)), st.integers(1, 20))
def test_a_plane_says_of_each_byte_what_it_is(text: bytes, one: int, other: int, length: int) -> None:
    data, found = _planes(text)
    expression = f"(?=(?:{_OF_KIND[one]}|{_OF_KIND[other]}){{{length}}})".encode()
    expected = [match.start() for match in re.finditer(expression, data)]
    got = sorted(places_in(found.run(one | other, length)).tolist())
    assert [n for n in got if n < len(text)] == [n for n in expected if n < len(text)]


@given(st.integers(0, 2**32), st.sampled_from([10, 300, 1500]), st.sampled_from([1, 8, 63]))
def test_all_places_of_a_plane_are_told_however_many_and_however_full_its_words_are(
    seed: int, words: int, full: int
) -> None:
    rng = np.random.default_rng(seed)
    bits = (rng.random((words, WORD_BITS)) < full / WORD_BITS) & (rng.random((words, 1)) < 0.5)
    plane = np.packbits(bits, bitorder="little").view(np.uint64)
    assert sorted(places_in(plane).tolist()) == np.flatnonzero(bits).tolist()


@given(_texts, st.integers(1, 63))
def test_what_is_ahead_or_behind_is_so_many_places_away(text: bytes, away: int) -> None:
    data, found = _planes(text)
    digits = {n for n, byte in enumerate(data) if chr(byte) in "0123456789"}
    assert set(places_in(ahead(found.digits, away)).tolist()) == {n - away for n in digits if n >= away}
    assert set(places_in(behind(found.digits, away)).tolist()) == {n + away for n in digits if n + away < len(data)}


@given(_texts)
def test_a_window_holds_the_bits_from_a_place_on(text: bytes) -> None:
    data, found = _planes(text)
    at = places_in(found.digits)
    expected = [sum(1 << n for n in range(16) if chr(data[place + n]) in "0123456789") for place in at.tolist()]
    assert windows_at(found.digits, at).tolist() == expected


@given(_texts, st.sampled_from(sorted(_OF_KIND)), st.integers(LONG, 60))
@example(b"00000--", Kind.ZERO, LONG)
def test_a_long_run_begins_where_a_plane_says_that_it_may(text: bytes, kind: int, length: int) -> None:
    data, found = _planes(text.replace(b"-", b"0" * 40).replace(b"+", b"Z" * 40))
    expression = f"(?={_OF_KIND[kind]}{{{length}}})".encode()
    assert {match.start() for match in re.finditer(expression, data)} <= set(places_in(found.run(kind, LONG)).tolist())


@given(st.lists(st.tuples(st.integers(0, 300), st.sampled_from("1A."), st.integers(0, 60)), max_size=6))
def test_near_digits_a_text_is_as_it_is(parts: list[tuple[int, str, int]]) -> None:
    text = "".join("z" * before + sign + "y" * behind + "7" for before, sign, behind in parts)
    _, found = _planes(text.encode() + b"z" * 900)
    near = found.near_digits
    assert near is not found
    for away in (1, 20, 40):
        marked = set(found.places(both(found.kind(Kind.CAPITAL | Kind.MARK), found.digits, away)).tolist())
        assert marked <= set(near.places(both(near.kind(Kind.CAPITAL | Kind.MARK), near.digits, away)).tolist())


@pytest.mark.parametrize("pattern", ["[A-Z]{2}[0-9]{3,5}x", "(?:ab|[0-9]c)[A-F]", "[^a]b?c", r"[0-9]\s"])
def test_each_match_begins_with_a_head(pattern: str) -> None:
    heads = heads_of(pattern)
    for match in re.finditer(pattern.encode(), b" AB1234x 5cB abF xc zbc 7\n"):
        assert any(all(byte in some for byte, some in zip(match[0], head, strict=False)) for head in heads)


def test_a_head_of_kinds_says_no_less_than_its_bytes() -> None:
    assert [kinds_of(some) for some in head_of_shape("9A-")] == [Kind.NUMBER, Kind.CAPITAL, Kind.MARK]
    assert kinds_of(frozenset(b"x,")) == Kind.SMALL | Kind.OTHER


# Numbers in a row, as tables have them; what is beside a value decides whether it is one.
@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["", " ", "\n", ",", ".", "-", "x", "/", "_", "9", "a1"]))
def test_values_of_all_forms_are_found_by_planes_as_by_re(rng: random.Random, beside: str) -> None:
    values = [drawn(rng, form).decode("latin-1") for form in rng.choices(_FORMS, k=40)]
    text = "".join(value + rng.choice([beside, beside, " ", "\n", ".5", "-1"]) for value in values).encode("latin-1")
    settings_of = Settings(min_confidence=0, public_ip=True)
    by_re = Settings(min_confidence=0, public_ip=True, engine="re")
    assert scan(text, settings=settings_of) == scan(text, settings=by_re)


def test_values_far_from_each_other_are_found_by_planes_as_by_re() -> None:
    rng = random.Random(6)
    values = [drawn(rng, form) for form in _FORMS[::2] if form.bounded]
    text = b"".join(value + b" " + b"of words " * rng.randrange(15, 30) for value in values)
    found = scan(text, settings=Settings(min_confidence=0))
    assert len(found) > 20
    assert found == scan(text, settings=Settings(min_confidence=0, engine="re"))


def test_values_across_the_border_of_two_parts_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    values = [drawn(rng, form) for form in _FORMS if form.shape is not None]
    text = b" ".join(values) + b"\n"
    whole = scan(text, settings=Settings(min_confidence=0))
    for size in (64, 128, 192):
        monkeypatch.setattr(planes, "_PART", size)
        assert scan(text, settings=Settings(min_confidence=0)) == whole


def test_values_at_the_edges_of_blocks_are_found_without_planes(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(7)
    forms = [form for detector in detectors() if detector.family == "credentials" for form in detector.forms]
    text = b"\n".join(b"of words " * rng.randrange(9) + drawn(rng, rng.choice(forms)) for _ in range(300))
    only = Settings(min_confidence=0, detectors=frozenset({"credentials"}))
    whole = scan(text, settings=only)
    assert len(whole) > 20
    for size in (4096, 4099):
        monkeypatch.setattr(hyperscan_matcher, "_BLOCK_BYTES", size)
        assert scan(text, settings=only) == whole


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 200))
def test_a_region_holds_what_is_near_and_knows_where_it_was(words: list[bool], margin: int) -> None:
    rng = random.Random(len(words))
    data = bytes(rng.randrange(256) for _ in range(64 * len(words)))
    regions = Regions(data, planes.np.array(words), margin)
    if regions.whole:
        return
    back = {regions.place(n + 1) - 1: byte for n, byte in enumerate(regions.data)}
    assert all(data[place] == byte for place, byte in back.items())
    near = {n for at, has in enumerate(words) if has for n in range(64 * at - margin, 64 * at + 64 + margin)}
    assert near & set(range(len(data))) <= back.keys()


_FAULTS = """
import resource
from sightglass_detect import scan
text = b"2026-11-05T10:11:12 worker 4711 took 203.0.113.77 for item 123456789 in 17 ms\\n" * 40_000
scan(text[:2_000_000])
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
scan(text)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what is kept is glibc's to decide")
def test_memory_of_a_block_is_kept_for_the_next() -> None:
    done = subprocess.run([sys.executable, "-c", _FAULTS], capture_output=True, check=True, text=True)
    # About 3,000 without it.
    assert int(done.stdout) < 600
