"""Settings that are written down as JSON."""

import json
from typing import Any

import pytest

from sightglass_detect import UnusablePattern, described_settings, scan

BADGE: dict[str, Any] = {
    "id": "badge", "pattern": "B-[0-9]{6}", "keywords": ["badge"], "within": [20, 10], "severity": "high",
}  # fmt: skip
PROJECT: dict[str, Any] = {"id": "project", "words": ["Blue Moon"], "within": [50, 30], "severity": "critical"}
TEXT = "badge: B-123456, project blue moon, mail ann@example.com or bob@example.org"


def told(described: dict[str, Any], detectors: list[str] | None = None, text: str = TEXT) -> list[tuple[str, str, str]]:
    settings = described_settings(json.loads(json.dumps(described)), detectors=detectors, min_confidence=0.5)
    return [(f.detector, text[f.start : f.end], str(f.severity)) for f in scan(text, settings=settings)]


def test_own_detectors_are_found_beside_the_shipped_ones() -> None:
    assert told({"own": [BADGE, PROJECT]}) == [
        ("badge", "B-123456", "high"), ("project", "blue moon", "critical"),
        ("email", "ann@example.com", "medium"), ("email", "bob@example.org", "medium"),
    ]  # fmt: skip
    assert told({"own": [BADGE]}, text="B-123456 alone") == [], "without its keyword it is none"


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (["email"], {"email"}), (["badge"], {"badge"}), (["custom"], {"badge", "project"}),
        (["project", "contact"], {"project", "email"}), ([], set[str]()),
    ],
)  # fmt: skip
def test_only_those_that_are_named_are_looked_for(named: list[str], found: set[str]) -> None:
    assert {detector for detector, _, _ in told({"own": [BADGE, PROJECT]}, named)} == found


def test_what_is_allowed_is_not_told() -> None:
    allow = {"texts": ["ann@example.com"], "patterns": ["B-12[0-9]{4}"], "paths": []}
    assert [value for _, value, _ in told({"own": [BADGE], "allow": allow})] == ["bob@example.org"]


def test_a_threshold_is_of_its_detector_alone_and_one_of_no_detector_says_nothing() -> None:
    floors = {"min_confidence_of": {"email": 1.0, "long-gone": 0.3, "badge": 0.1}}
    assert [detector for detector, _, _ in told({"own": [BADGE]} | floors)] == ["badge"]
    assert told(floors, ["email"]) == []


@pytest.mark.parametrize("pattern", ["a+", "(a{1,9}){1,9}", "(?=a)b", "(", "x{99999}", r"(a)\1"])
def test_what_may_be_slow_or_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(UnusablePattern):
        told({"own": [BADGE | {"pattern": pattern}]})
