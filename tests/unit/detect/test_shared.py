"""One engine for settings that differ from call to call."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.detect.texts import texts

from sightglass_detect import AllowList, Settings, UnknownDetector, detectors, scan

# A few only: each choice has databases compiled, which takes seconds.
_CHOICES = [{"contact"}, {"financial", "health"}, {detector.family for detector in detectors()}]
# Without those to which the values of others are context: of these it does not matter whether they are told.
_NEAR = frozenset(detector.id for detector in detectors() if detector.near)


@settings(max_examples=150, deadline=None)
@given(texts, st.sampled_from(_CHOICES), st.sampled_from([0, 0.5, 0.8, 0.96]))
def test_it_finds_what_an_engine_for_these_settings_would(text: str, families: set[str], least: float) -> None:
    chosen = Settings(detectors=frozenset(families), without=_NEAR, min_confidence=least)
    assert scan(text, settings=chosen, shared=True) == scan(text, settings=chosen)


def test_what_is_allowed_is_not_told() -> None:
    allow = AllowList(texts=frozenset({"ann@example.com"}))
    found = scan("ann@example.com bob@example.com", settings=Settings(allow=allow), shared=True)
    assert [(f.start, f.end) for f in found] == [(16, 31)]


def test_an_unknown_detector_is_told_with_the_names_like_it() -> None:
    with pytest.raises(UnknownDetector, match=r"payment-cards \(payment-card") as error:
        scan("x", settings=Settings(detectors=frozenset({"payment-cards"})), shared=True)
    assert error.value.names == ("payment-cards",)
    assert error.value.nearest["payment-cards"][0] == "payment-card"
