"""Tables: headers are context, and a column of checked numbers is evidence."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_detect import CellFinding, ColumnEvidence, Settings, scan, scan_table
from sightglass_detect.scanning import engine_for


def _bsn(random: Random) -> str:
    """A Dutch citizen service number: nine digits, weighted sum divisible by 11."""
    while True:
        digits = [random.randint(0, 9) for _ in range(9)]
        if digits[0] and (sum(d * (9 - n) for n, d in enumerate(digits[:8])) - digits[8]) % 11 == 0:
            return "".join(map(str, digits))


def _numbers(count: int) -> list[str]:
    random = Random(7)
    return [_bsn(random) for _ in range(count)]


def _of(found: list[CellFinding]) -> set[tuple[int, int, str]]:
    return {(f.row, f.column, f.finding.detector) for f in found}


def test_a_header_is_context() -> None:
    rows = [["1", "536904399"], ["2", "none"]]
    assert _of(list(scan_table(rows, ["n", "customerSSN"]))) == {(0, 1, "us-ssn")}
    assert _of(list(scan_table(rows, ["n", "amount"]))) == set()


def test_a_path_of_keys_is_context() -> None:
    assert [f.detector for f in scan("536904399", labels=["customer.ssn"])] == ["us-ssn"]
    assert scan("536904399", labels=["customer.session"]) == []


def test_a_column_of_numbers_that_pass_their_check_is_evidence() -> None:
    rows = [[str(n), number] for n, number in enumerate(_numbers(20))]
    found = [f for f in scan_table(rows, ["n", "x"]) if f.finding.detector == "nl-bsn"]
    assert {(f.row, f.column) for f in found} == {(n, 1) for n in range(20)}


@pytest.mark.parametrize(("good", "bad", "told"), [(19, 0, False), (20, 0, True), (18, 2, True), (17, 3, False)])
def test_evidence_takes_twenty_values_of_which_nine_tenths_pass(good: int, bad: int, told: bool) -> None:
    evidence = ColumnEvidence()
    evidence.add(number.encode() for number in [*_numbers(good), *["111111111"] * bad, "", " "])
    assert ("nl-bsn" in evidence.detectors) is told


def test_a_word_in_the_cell_above_is_no_context() -> None:
    assert list(scan_table([["my ssn is"], ["536904399"]])) == []
    assert len(list(scan_table([["my ssn is 536904399"]]))) == 1


def test_places_count_characters_of_the_cell() -> None:
    (found,) = scan_table([["é", "x"], ["x", "é ann@example.com"]])
    assert (found.row, found.column, found.finding.start, found.finding.end) == (1, 1, 2, 17)


def test_rows_may_be_short_and_tables_long() -> None:
    rows = [["x"] for _ in range(9_000)]
    rows[8_999] = ["x", "", "ann@example.com"]
    assert _of(list(scan_table(rows))) == {(8_999, 2, "email")}


@given(
    st.lists(
        st.sampled_from(_numbers(6))
        | st.sampled_from(["", " ", "x", "111111111", "123", "4111111111111111", "9" * 80]),
        max_size=60,
    ),
    st.integers(0, 60),
)
def test_evidence_is_what_looking_at_each_value_by_each_rule_gives(values: list[str], cut: int) -> None:
    """However they come, a detector has nine tenths of the values that are not empty, and at least twenty."""
    evidence = ColumnEvidence()
    evidence.add(value.encode() for value in values[:cut])
    assert evidence.detectors == _by_each_rule(values[:cut])
    evidence.add(value.encode() for value in values[cut:])
    assert evidence.detectors == _by_each_rule(values)


def _by_each_rule(values: list[str]) -> frozenset[str]:
    told = [value.strip().encode() for value in values if value.strip()]
    passed = Counter[str]()
    for value in told:
        found: set[str] = set()
        for rule in engine_for(Settings()).rules:
            if rule.detector.column and rule.check and rule.form.odds >= 10 and len(value) <= 64:
                match = rule.regex.fullmatch(value) if rule.least <= len(value) <= rule.most else None
                if match and rule.check(match[rule.regex.groups]):
                    found.add(rule.detector.id)
        passed.update(found)
    return frozenset(name for name, count in passed.items() if len(told) >= 20 and count >= 0.9 * len(told))
