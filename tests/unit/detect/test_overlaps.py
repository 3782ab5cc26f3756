"""What is told of findings that overlap."""

from sightglass_detect import Finding, Severity, scan
from sightglass_detect.engine.overlaps import Sweep

RANKS = {"a": 0, "b": 1, "url": 2}


def _found(start: int, end: int, detector: str, confidence: float, *, checked: bool = False) -> Finding:
    return Finding(start, end, detector, confidence, Severity.LOW, checked)


def _told(*findings: Finding) -> list[Finding]:
    sweep = Sweep(RANKS, {"a": (), "b": (), "url": ("a",)})
    return [*sweep.add(sorted(findings)), *sweep.close()]


def test_the_surer_one_is_told_of_the_same_place() -> None:
    assert _told(_found(0, 9, "a", 0.6), _found(0, 9, "b", 0.7)) == [_found(0, 9, "b", 0.7)]


def test_the_checked_one_is_told_of_equally_sure_ones_then_the_first_of_the_catalogue() -> None:
    a, b = _found(0, 9, "a", 0.7), _found(0, 9, "b", 0.7, checked=True)
    assert _told(a, b) == [b]
    assert _told(a, _found(0, 9, "b", 0.7)) == [a]


def test_the_longer_one_of_a_detector_is_told_however_sure_the_shorter_is() -> None:
    assert _told(_found(0, 9, "a", 0.6), _found(2, 9, "a", 0.99)) == [_found(0, 9, "a", 0.6)]


def test_what_is_within_and_less_sure_is_not_told() -> None:
    assert _told(_found(0, 9, "a", 0.9), _found(2, 5, "b", 0.8)) == [_found(0, 9, "a", 0.9)]


def test_what_is_around_is_told_when_it_is_sure_by_itself() -> None:
    around, within = _found(0, 9, "a", 0.8), _found(2, 5, "b", 0.9)
    assert _told(around, within) == [around, within]
    assert _told(_found(0, 9, "a", 0.7), within) == [within]


def test_one_that_hides_another_is_told_however_sure_the_other_is() -> None:
    around = _found(0, 9, "url", 0.6)
    assert _told(around, _found(2, 5, "a", 0.9)) == [around]


def test_findings_that_only_touch_are_all_told() -> None:
    both = [_found(0, 5, "a", 0.6), _found(5, 9, "b", 0.9)]
    assert _told(*both) == both


def test_a_url_with_a_password_is_told_and_its_end_is_no_address() -> None:
    found = scan("postgres://ann:Xk29vQ7bLw3q@db.acme-corp.io/people")
    assert [finding.detector for finding in found] == ["url-credentials"]
