"""What is looked for and what is told, as settings say."""

from typing import Literal

import pytest

from sightglass_detect import AllowList, Settings, Severity, UnknownDetector, UnusablePattern, custom_detector, scan

TEXT = "ann@example.com 4111 1111 1111 1111 ORDER-12345"
ORDER = custom_detector("order", pattern=r"ORDER-([0-9]{5})", severity=Severity.LOW)


def _ids(text: str, settings: Settings) -> list[str]:
    return [finding.detector for finding in scan(text, settings=settings)]


def test_detectors_are_chosen_by_id_and_by_family() -> None:
    assert _ids(TEXT, Settings(detectors=frozenset({"email"}))) == ["email"]
    assert _ids(TEXT, Settings(detectors=frozenset({"financial"}))) == ["payment-card"]
    assert _ids(TEXT, Settings(without=frozenset({"financial"}))) == ["email"]


def test_a_detector_that_there_is_not_is_an_error() -> None:
    for settings in (Settings(detectors=frozenset({"e-mail"})), Settings(min_confidence_of={"e-mail": 0.1})):
        with pytest.raises(UnknownDetector, match="e-mail"):
            scan(TEXT, settings=settings)


def test_what_is_less_sure_than_asked_for_is_not_told() -> None:
    assert _ids("536-90-4399", Settings(min_confidence=0.7)) == ["us-ssn"]
    assert _ids("536-90-4399", Settings(min_confidence=0.71)) == []
    assert _ids("536-90-4399", Settings(min_confidence_of={"us-ssn": 0.71})) == []


def test_a_public_address_is_told_when_asked_for() -> None:
    assert _ids("from 8.8.4.4 on", Settings()) == []
    assert _ids("from 8.8.4.4 on", Settings(public_ip=True)) == ["ip-address"]


@pytest.mark.parametrize(
    "allow",
    [AllowList(texts=frozenset({"ann@example.com"})), AllowList(patterns=(r".*@example\.com",))],
)
def test_what_is_allowed_is_not_told(allow: AllowList) -> None:
    assert _ids("ann@example.com bob@example.org", Settings(allow=allow)) == ["email"]


def test_nothing_is_told_of_a_path_that_is_allowed() -> None:
    settings = Settings(allow=AllowList(paths=("tests/*",)))
    assert scan(TEXT, settings=settings, path="tests/data/people.csv") == []
    assert scan(TEXT, settings=settings, path="data/people.csv")


def test_a_detector_of_ones_own_tells_its_group() -> None:
    for engine in ("hyperscan", "re"):
        (found,) = scan(TEXT, settings=Settings(detectors=frozenset(), custom=(ORDER,), engine=engine))
        assert (found.detector, TEXT[found.start : found.end], found.severity) == ("order", "12345", Severity.LOW)


def test_a_detector_with_keywords_tells_nothing_far_from_them() -> None:
    badge = custom_detector("badge", pattern="[0-9]{6}", keywords=("Badge",), within=(10, 0))
    settings = Settings(detectors=frozenset(), custom=(badge,))
    assert _ids("badge: 123456", settings) == ["badge"]
    assert _ids("123456 badge", settings) == []
    assert _ids("badge: no longer 123456", settings) == []


def test_words_of_ones_own_are_found_as_whole_words_in_any_case() -> None:
    project = custom_detector("project", words=("Blue Heron", "osprey"))
    settings = Settings(detectors=frozenset(), custom=(project,))
    text = "OSPREY and blue heron, ospreys"
    assert [text[f.start : f.end] for f in scan(text, settings=settings)] == ["OSPREY", "blue heron"]


@pytest.mark.parametrize("engine", ["hyperscan", "re"])
@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("^ab[0-9]", ["ab1", "ab3"]),
        ("(?i)^ab[0-9]$", ["ab1", "AB4"]),
        ("(?m)[0-9]$", ["1", "4", "5"]),
        ("(?s)^ab[0-9]\n.", ["ab1\nn"]),
    ],
)
def test_the_anchors_of_ones_own_are_the_ends_of_a_line(
    engine: Literal["hyperscan", "re"], pattern: str, values: list[str]
) -> None:
    own = custom_detector("own", pattern=pattern)
    text = "ab1\nno ab2 \nab3 x\nAB4\nxab5"
    found = scan(text, settings=Settings(detectors=frozenset(), custom=(own,), engine=engine))
    assert [text[f.start : f.end] for f in found] == values


@pytest.mark.parametrize(
    "pattern",
    ["(", "a*", r"(?=a)b", r"(a)\1", "(?:a{1,9}){1,9}", "(?:ab|a){1,9}", "a{1,99999}", "", "a++", "(?<!a)b"],
)
def test_a_pattern_that_cannot_be_run_or_may_be_slow_is_refused(pattern: str) -> None:
    with pytest.raises(UnusablePattern):
        custom_detector("odd", pattern=pattern)


def test_a_detector_has_a_pattern_or_words() -> None:
    with pytest.raises(UnusablePattern, match="either"):
        custom_detector("odd")
    with pytest.raises(UnusablePattern, match="either"):
        custom_detector("odd", pattern="a", words=("a",))
