"""Calling a provider until it answers, within bounds."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sightglass_common.provider_errors import ProviderUnavailable
from sightglass_worker.labels.budget import CallBudget
from sightglass_worker.labels.provider import KeyFrame, Label, LabelProvider

_rng: Final = random.Random()  # noqa: S311  # spreads load, hides nothing


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call is waited for and how often it is tried.

    longest_pause_s: who asks for a longer one is not asked again.
    """

    attempts: int = 3
    timeout_s: float = 30.0
    longest_pause_s: float = 20.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def patiently(
    provider: LabelProvider, frames: Sequence[KeyFrame], max_labels: int, budget: CallBudget, patience: Patience
) -> Sequence[Label]:
    """Ask, and again while the provider says: not now.

    Raises OutOfCalls, and what LabelProvider.label raises; ProviderUnavailable when all attempts are spent.
    """
    for attempt in range(1, patience.attempts):
        try:
            return await _once(provider, frames, max_labels, budget, patience.timeout_s)
        except ProviderUnavailable as error:
            pause_s = error.retry_after_s
            if pause_s is None:
                pause_s = min(patience.longest_pause_s, (1 + _rng.random()) * 2 ** (attempt - 1))
            if pause_s > patience.longest_pause_s:
                raise
        await patience.sleep(pause_s)
    return await _once(provider, frames, max_labels, budget, patience.timeout_s)


async def _once(
    provider: LabelProvider, frames: Sequence[KeyFrame], max_labels: int, budget: CallBudget, timeout_s: float
) -> Sequence[Label]:
    budget.take(len(frames))
    try:
        async with asyncio.timeout(timeout_s):
            return await provider.label(frames, max_labels)
    except TimeoutError as error:
        raise ProviderUnavailable(f"no answer in {timeout_s:g} s") from error
