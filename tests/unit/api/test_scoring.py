"""Scores: bounded, never less for more found, and as docs/scans.md says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_api.scans.scoring import BASE, Measured, score

SEVERITIES = sorted(BASE, key=lambda severity: BASE[severity])
MILLI = st.integers(1, 1000)


def found(
    worst: dict[str, int], *, amount: dict[str, int] | None = None, objects: int | None = 100, hit: int = 1
) -> Measured:
    return Measured(worst, amount or worst, objects, hit)


def test_nothing_found_is_nothing_to_protect() -> None:
    assert score(found({}, hit=0)) == 0


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        # The table of docs/scans.md.
        (found({"medium": 900}, objects=1000), 32),
        (found({"high": 900}, amount={"high": 900}, objects=1, hit=1), 82),
        (found({"high": 950}, amount={"high": 950_000}, objects=200, hit=20), 81),
        (found({"critical": 1000}, amount={"critical": 4_000_000}, objects=10, hit=10), 100),
        (found({"low": 500}, objects=None), 8),
    ],
)
def test_the_examples_of_the_page(measured: Measured, expected: int) -> None:
    assert score(measured) == expected


def test_one_sure_value_is_at_least_its_base() -> None:
    for severity, base in BASE.items():
        assert score(found({severity: 1000}, objects=10**9)) >= base


@st.composite
def measurements(draw: st.DrawFn) -> Measured:
    worst = draw(st.dictionaries(st.sampled_from(SEVERITIES), MILLI, min_size=1))
    amount = {severity: sure * draw(st.integers(1, 10_000)) for severity, sure in worst.items()}
    hit = draw(st.integers(1, 10_000))
    objects = draw(st.none() | st.integers(hit, 10**7))
    return Measured(worst, amount, objects, hit)


@given(measurements(), st.sampled_from(SEVERITIES), MILLI, st.booleans())
def test_one_finding_more_makes_no_score_less(before: Measured, severity: str, sure: int, elsewhere: bool) -> None:
    after = Measured(
        before.worst | {severity: max(sure, before.worst.get(severity, 0))},
        before.amount | {severity: before.amount.get(severity, 0) + sure},
        before.objects,
        before.objects_with_findings + elsewhere,
    )
    assert 1 <= score(before) <= score(after) <= 100


@given(measurements())
def test_the_order_of_what_was_found_changes_nothing(measured: Measured) -> None:
    turned = Measured(
        dict(reversed(measured.worst.items())),
        dict(reversed(measured.amount.items())),
        measured.objects,
        measured.objects_with_findings,
    )
    assert score(turned) == score(measured)
