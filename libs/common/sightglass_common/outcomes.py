"""What becomes of a message: the verdict on how its handler ended, and the back-off before the next try."""

import random
from dataclasses import dataclass
from typing import TypeAlias

from sightglass_common.errors import JobBusy, Kind, LeaseLost, SightglassError

BASE_DELAY_S = 1.0
# Half of the 15 minutes that SQS can delay at all, so that a job is never thought lost by the reconciler.
MAX_DELAY_S = 450.0


@dataclass(frozen=True, slots=True)
class Done:
    """Its effect stands, or it has none: the message is deleted."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Deliver it again after `delay_s` seconds.

    delay_s: None leaves the choice to the consumer, which backs off further with each receive.
    at_least_s: the least that it may choose.
    """

    reason: str
    delay_s: float | None = None
    at_least_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Dead:
    """No delivery can succeed: it goes to the dead-letter queue with `reason`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Leave:
    """It belongs to another attempt now: touch nothing."""


Outcome: TypeAlias = Done | Retry | Dead | Leave


def verdict(error: Exception) -> Outcome:
    """Judge a message by what its handler raised."""
    match error:
        case LeaseLost():
            return Leave()
        case JobBusy():
            # Its holder may live long: backing off further saves the message from the net of max_receives.
            return Retry(reason_of(error), at_least_s=_seconds(error.context.get("lease_left_s")))
        case SightglassError(kind=Kind.CONFLICT):
            return Done()  # over, cancelled or superseded: nothing is left to do
        case SightglassError(retryable=False):
            return Dead(reason_of(error))
        case _:
            return Retry(reason_of(error))  # transient, or a bug: the queue's max_receives bounds how often


def reason_of(error: BaseException) -> str:
    """Why, in one line. What a stranger's exception says is left out: it may quote a customer's data."""
    if isinstance(error, SightglassError):
        return f"{error.code}: {error.detail}"
    return f"internal: {type(error).__name__}"


def backoff(previous_s: float, rng: random.Random) -> float:
    """The next delay by decorrelated jitter: between the base and three times the previous one, capped.

    All delays in seconds. Spreads retries out even when many messages failed at the same moment.
    """
    return min(MAX_DELAY_S, rng.uniform(BASE_DELAY_S, max(BASE_DELAY_S, previous_s) * 3))


def backoff_after(tries: int, rng: random.Random) -> float:
    """The delay in seconds after `tries` tries, for a caller that does not know the previous delay."""
    delay_s = BASE_DELAY_S
    for _ in range(min(tries, 10)):  # by ten the cap is long reached
        delay_s = backoff(delay_s, rng)
    return delay_s


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
