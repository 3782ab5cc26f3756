"""What becomes of a message, and the back-off: pure."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from sightglass_common.errors import (
    Cancelled,
    DownloadFailed,
    JobBusy,
    JobNotFound,
    JobOver,
    Kind,
    LeaseLost,
    SightglassError,
    Undecodable,
    all_errors,
)
from sightglass_common.outcomes import (
    BASE_DELAY_S,
    MAX_DELAY_S,
    Dead,
    Done,
    Leave,
    Outcome,
    Retry,
    backoff,
    backoff_after,
    verdict,
)
from sightglass_common.video_errors import NotAVideo


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (JobOver(), Done()),
        (Cancelled(), Done()),
        (LeaseLost(), Leave()),
        (JobNotFound(), Dead("job_not_found: No such job")),
        (NotAVideo("It is a text."), Dead("not_a_video: It is a text.")),
        (Undecodable("The body is not JSON."), Dead("undecodable_message: The body is not JSON.")),
        (JobBusy(lease_left_s=12.5), Retry("job_busy: Another worker holds the job", at_least_s=12.5)),
        (DownloadFailed("It broke off."), Retry("download_failed: It broke off.")),
        (KeyError("card 4111 1111 1111 1111"), Retry("internal: KeyError")),
    ],
)
def test_each_error_has_its_outcome(error: Exception, outcome: Outcome) -> None:
    assert verdict(error) == outcome


@pytest.mark.parametrize("error", list(all_errors()))
def test_nothing_that_may_pass_is_given_up_and_nothing_hopeless_is_tried_again(error: type[SightglassError]) -> None:
    outcome = verdict(error())
    assert isinstance(outcome, Retry) == error().retryable
    if error.kind in {Kind.REJECTED, Kind.NOT_FOUND, Kind.INVALID, Kind.FORBIDDEN}:
        assert isinstance(outcome, Dead)


def test_what_a_stranger_says_stays_out_of_the_reason() -> None:
    class Card(BaseModel):
        pan: int

    with pytest.raises(ValidationError) as caught:
        Card.model_validate({"pan": "4111 1111 1111 1111"})
    assert verdict(caught.value) == Retry("internal: ValidationError")


@given(st.floats(0, 10_000), st.integers())
def test_a_delay_lies_between_the_base_and_thrice_the_previous(previous_s: float, seed: int) -> None:
    delay_s = backoff(previous_s, random.Random(seed))
    assert BASE_DELAY_S <= delay_s <= min(MAX_DELAY_S, max(BASE_DELAY_S, previous_s) * 3)


@given(st.integers(0, 10**6), st.integers())
def test_a_delay_after_any_number_of_tries_is_bounded(tries: int, seed: int) -> None:
    assert BASE_DELAY_S <= backoff_after(tries, random.Random(seed)) <= MAX_DELAY_S


def test_delays_grow_with_the_tries_and_spread_out() -> None:
    rng = random.Random(7)
    early = [backoff_after(1, rng) for _ in range(500)]
    late = [backoff_after(6, rng) for _ in range(500)]
    assert sum(late) > 5 * sum(early)
    assert max(early) - min(early) > 1.5
