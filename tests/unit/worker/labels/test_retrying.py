"""Patience with a provider, and its end."""

from collections import deque

import pytest
from tests.fakes.labels import Pauses, ScriptedProvider

from sightglass_common.provider_errors import AnswerUnusable, ProviderRefused, ProviderUnavailable
from sightglass_worker.labels.budget import CallBudget, OutOfCalls
from sightglass_worker.labels.provider import KeyFrame
from sightglass_worker.labels.retrying import Patience, patiently

FRAMES = [KeyFrame(b"", 0, 0)]


def away(after_s: float | None = None) -> ProviderUnavailable:
    return ProviderUnavailable("status 503", retry_after_s=after_s)


async def test_who_says_not_now_is_asked_again_after_growing_pauses() -> None:
    provider, pauses = ScriptedProvider(deque([away(), away()])), Pauses()
    found = await patiently(provider, FRAMES, 5, CallBudget(9), pauses.patience())
    assert [label.name for label in found] == ["bicycle"]
    assert len(provider.calls) == 3
    assert 1 <= pauses.made[0] <= 2 <= pauses.made[1] <= 4


async def test_no_pause_is_longer_than_the_longest() -> None:
    provider, pauses = ScriptedProvider(deque([away()] * 9)), Pauses()
    await patiently(provider, FRAMES, 5, CallBudget(10), pauses.patience(attempts=10, longest_pause_s=3))
    assert max(pauses.made) == 3


async def test_who_names_a_pause_gets_it() -> None:
    provider, pauses = ScriptedProvider(deque([away(7)])), Pauses()
    await patiently(provider, FRAMES, 5, CallBudget(9), pauses.patience())
    assert pauses.made == [7]


async def test_who_names_too_long_a_pause_is_not_asked_again() -> None:
    provider, pauses = ScriptedProvider(deque([away(3600)])), Pauses()
    with pytest.raises(ProviderUnavailable):
        await patiently(provider, FRAMES, 5, CallBudget(9), pauses.patience())
    assert (len(provider.calls), pauses.made) == (1, [])


async def test_who_is_away_for_all_attempts_is_unavailable() -> None:
    provider = ScriptedProvider(deque([away()] * 3))
    with pytest.raises(ProviderUnavailable):
        await patiently(provider, FRAMES, 5, CallBudget(9), Pauses().patience())
    assert len(provider.calls) == 3


@pytest.mark.parametrize("failure", [ProviderRefused("status 401"), AnswerUnusable("status 400")])
async def test_what_a_new_try_cannot_change_is_not_tried_again(failure: Exception) -> None:
    provider = ScriptedProvider(deque([failure]))
    with pytest.raises(type(failure)):
        await patiently(provider, FRAMES, 5, CallBudget(9), Pauses().patience())
    assert len(provider.calls) == 1


async def test_a_call_without_an_answer_ends() -> None:
    provider = ScriptedProvider(stalls=True)
    with pytest.raises(ProviderUnavailable, match="no answer"):
        await patiently(provider, FRAMES, 5, CallBudget(9), Pauses().patience(timeout_s=0.001))
    assert len(provider.calls) == 3


async def test_each_retry_is_a_call_of_the_budget() -> None:
    provider = ScriptedProvider(deque([away()] * 3))
    with pytest.raises(OutOfCalls):
        await patiently(provider, FRAMES, 5, CallBudget(2), Pauses().patience())
    assert len(provider.calls) == 2


def test_the_longest_wait_for_one_scene_is_bounded_by_default() -> None:
    patience = Patience()
    assert patience.attempts * (patience.timeout_s + patience.longest_pause_s) <= 150
