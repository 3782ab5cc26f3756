"""Credentials by the formats that their issuers document, in all the places where they lie about."""

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.detect.tokens import SURROUNDINGS, TOKENS, near_misses

from sightglass_detect import Settings, detectors, scan
from sightglass_detect.checks.tokens import aws_account

_CREDENTIALS = Settings(detectors=frozenset({"credentials"}))
_STOP = {detector.id: detector.stop for detector in detectors()}


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(TOKENS)), st.sampled_from(sorted(SURROUNDINGS)), st.integers(0, 2**32))
def test_a_token_of_a_documented_format_is_found_wherever_it_stands(detector: str, place: str, seed: int) -> None:
    value = TOKENS[detector](random.Random(seed))
    assume(not any(word in value.lower() for word in _STOP[detector]))  # by chance one has the mark of a placeholder
    text = SURROUNDINGS[place].format(value)
    found = [text[f.start : f.end] for f in scan(text, settings=_CREDENTIALS) if f.detector == detector]
    assert found, text
    assert all(part in value for part in found), (found, text)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(TOKENS)), st.sampled_from(["alone", "json", "log"]), st.integers(0, 2**32))
def test_a_near_miss_of_a_token_is_not_found(detector: str, place: str, seed: int) -> None:
    for miss in near_misses(detector, TOKENS[detector](random.Random(seed))):
        text = SURROUNDINGS[place].format(miss)
        assert detector not in {f.detector for f in scan(text, settings=_CREDENTIALS)}, text


@pytest.mark.parametrize(
    ("key_id", "account"),
    [("ASIAQNZGKIQY56JQ7WML", "account 029608264753"), ("AKIAI" + "A" * 15, ""), ("AKIA0000", "")],
)
def test_the_account_is_told_of_an_aws_key_id_that_holds_it(key_id: str, account: str) -> None:
    assert aws_account(key_id.encode()) == account


def test_the_account_is_in_the_detail_of_the_finding() -> None:
    (found,) = scan("id ASIAQNZGKIQY56JQ7WML", settings=_CREDENTIALS)
    assert found.detail == "account 029608264753"
