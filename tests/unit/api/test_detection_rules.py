"""Which changes of a tenant's detection find what was not found before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_api.detectors.rules import finds_more, looks_elsewhere
from sightglass_api.detectors.schemas import Allowed, Definition, DetectionSettings

floors = st.dictionaries(st.sampled_from(["email", "us-ssn", "iban"]), st.sampled_from([0.0, 0.4, 0.5, 0.6, 1.0]))
words = st.lists(st.sampled_from(["ann", "bob", "eve"]), unique=True)
settings = st.builds(DetectionSettings, allow=st.builds(Allowed, texts=words, patterns=words), min_confidence_of=floors)


@given(settings, settings)
def test_settings_find_more_unless_all_thresholds_and_exceptions_of_before_still_hold(
    before: DetectionSettings, after: DetectionSettings
) -> None:
    names = ["email", "us-ssn", "iban"]
    as_high = all(after.min_confidence_of.get(n, 0.5) >= before.min_confidence_of.get(n, 0.5) for n in names)
    still_allowed = set(before.allow.texts) <= set(after.allow.texts)
    still_matched = set(before.allow.patterns) <= set(after.allow.patterns)
    assert finds_more(before, after) is not (as_high and still_allowed and still_matched)


@pytest.mark.parametrize(
    ("changed", "elsewhere"),
    [
        ({"title": "Badge"}, False),
        ({"severity": "high"}, False),
        ({"keywords": ["badge"]}, True),
        ({"stop": ["x"]}, True),
    ],
)
def test_a_detector_finds_something_else_unless_only_what_it_is_called_is_changed(
    changed: dict[str, object], elsewhere: bool
) -> None:
    before = Definition(pattern="[0-9]{4}")
    assert looks_elsewhere(before, Definition.model_validate({"pattern": "[0-9]{4}", **changed})) is elsewhere
