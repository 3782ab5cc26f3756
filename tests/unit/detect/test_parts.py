"""A look at a text says whether parts of it, such as its cells by columns, are worth a look of their own."""

from itertools import zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.detect.texts import VALUES, WORDS

from sightglass_detect import Detector, Passage, Settings, Severity, custom_detector, look_each, scan_each
from sightglass_detect.column_kinds import column_kinds
from sightglass_detect.columns import ColumnEvidence, any_may_be_evidence, first_rows
from sightglass_detect.detector import Form, Strength
from sightglass_detect.engine.forms import form_of
from sightglass_detect.engine.words import BARRIER
from sightglass_detect.scanning import engine_for
from sightglass_detect.shapes import classes_of

_ALL = Settings(min_confidence=0)
_BY_RE = Settings(min_confidence=0, engine="re")
_PLAIN = [value for value in VALUES if not {",", '"', "\n"} & set(value)]

cells = st.sampled_from(["", "1", "x", "2026-11-23", *WORDS[::9], *_PLAIN]) | st.text("09 -ax.", max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=12))
def test_where_nothing_has_the_form_of_a_value_no_column_holds_one(rows: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in rows)
    columns = BARRIER.join(value.encode() for column in zip_longest(*rows, fillvalue="") for value in column)
    for chosen in (_ALL, _BY_RE):
        (look,) = look_each([Passage(text.encode())], settings=chosen)
        (found,) = scan_each([Passage(columns)], settings=chosen)
        assert look.matched or not found


def test_prose_has_no_form_of_a_value_and_a_value_that_is_not_told_has_one() -> None:
    looks = look_each([Passage(b"the quick brown fox"), Passage(b"card 4111-1111-1111-1112")])
    assert [(look.matched, look.findings) for look in looks] == [(False, []), (True, [])]


def test_what_asks_for_the_beginning_of_a_text_may_be_found_in_any_part() -> None:
    first = custom_detector("first", pattern="^[a-z]{3}[0-9]{4}")
    chosen = Settings(detectors=frozenset({"email"}), custom=(first,), engine="re")
    look, part = look_each([Passage(b"no,abc1234"), Passage(b"abc1234")], settings=chosen)
    assert (look.matched, [f.detector for f in part.findings]) == (True, ["first"])


@pytest.mark.parametrize("pattern", ["[0-9]{3}", "[a-z]{5}"])
def test_what_another_thing_near_it_makes_a_value_may_be_found_in_a_column(pattern: str) -> None:
    form = Form(pattern, Strength.WEAK)
    pair = Detector("pair", "a pair", "own", Severity.LOW, (form,), requires="<key>", within_bytes=20)
    chosen = Settings(detectors=frozenset({"email"}), custom=(pair,))
    text, column = b"<key>," + b"." * 300 + b"\n" + (b"123" if "0-9" in pattern else b"abcde"), b"<key>\x1e123\x1eabcde"
    look, part = look_each([Passage(text), Passage(column)], settings=chosen)
    assert (look.matched, [f.detector for f in part.findings]) == (True, ["pair"])


def test_modes_may_find_in_parts_what_the_text_does_not_show() -> None:
    (look,) = look_each([Passage(b"nothing")], settings=Settings(normalise=True))
    assert look.matched


def test_what_a_pattern_matches_has_its_form() -> None:
    text = "\n".join(VALUES).encode()
    matched = 0
    for rule in engine_for(_ALL).rules:
        form = form_of(rule.form.pattern)
        for match in rule.regex.finditer(text):
            assert form.fullmatch(classes_of(match[0])), rule.form.pattern
            matched += 1
    assert matched > 300


values = st.sampled_from(["111222333", "536904399", "4111111111111111", "41111111111111112", "", " ", "x", "9" * 80])


@given(st.sampled_from(["123456782", "4111111111111111"]), st.lists(values, max_size=8), st.integers(15, 60))
def test_columns_that_are_evidence_are_not_taken_for_others_by_their_first_values(
    value: str, others: list[str], count: int
) -> None:
    column = [other.encode() for other in others] + [value.encode()] * count
    evidence = ColumnEvidence()
    evidence.add(column)
    may_be = any_may_be_evidence([column[: first_rows(len(column))]], len(column), column_kinds(Settings()))
    assert may_be or not evidence.detectors


@pytest.mark.parametrize("value", [b"2026-11-23", b"to parameter for", b"667.44", b"id 12 of a row", b"x" * 70])
def test_most_columns_are_no_evidence_by_their_first_values(value: bytes) -> None:
    kinds = column_kinds(Settings())
    assert not any_may_be_evidence([[value] * first_rows(70)], 70, kinds)
    assert any_may_be_evidence([[b""] * first_rows(70)], 70, kinds), "what is further on is not known"
