"""One delivery of a message: what the handler sees of it, and what the consumer must know to hold it."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from sightglass_common.messages import Envelope, Message
from sightglass_common.outcomes import Outcome

if TYPE_CHECKING:
    from types_aiobotocore_sqs.type_defs import MessageTypeDef

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Delivery(Generic[M]):
    """A message as a handler gets it.

    receives: how often SQS has handed it out, this time included; a hint, as a lost answer counts too.
    """

    envelope: Envelope[M]
    receives: int = 1

    @property
    def message(self) -> M:
        """What the envelope holds."""
        return self.envelope.message


# Returns what is to become of the message, or raises: then `outcomes.verdict` judges.
Handler: TypeAlias = Callable[[Delivery[M]], Awaitable[Outcome]]


@dataclass(slots=True, eq=False)
class Held:
    """A received message, hidden from other consumers until its visibility timeout runs out.

    sent_at: Unix seconds. received_at, extended_at: monotonic seconds; of the receipt, and of the last extension.
    """

    handle: str
    message_id: str
    body: str
    group: str | None
    receives: int
    sent_at: float
    received_at: float
    extended_at: float


def held_from(raw: "MessageTypeDef") -> Held:
    """What SQS has just answered, as we hold it."""
    system = raw.get("Attributes", {})
    now = time.monotonic()
    return Held(
        handle=raw.get("ReceiptHandle", ""),
        message_id=raw.get("MessageId", ""),
        body=raw.get("Body", ""),
        group=system.get("MessageGroupId"),
        receives=int(system.get("ApproximateReceiveCount", 1)),
        sent_at=int(system.get("SentTimestamp", 0)) / 1000,
        received_at=now,
        extended_at=now,
    )
