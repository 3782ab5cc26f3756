"""What an operator asks of SQS: depths, a look at messages, taking some out."""

from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sightglass_api.context import Context
from sightglass_api.queues.schemas import QueueDepth
from sightglass_common.errors import DependencyUnavailable, QueueNotFound
from sightglass_common.queue_urls import QueueUrls
from sightglass_common.queues import BY_NAME, QUEUES

if TYPE_CHECKING:
    from types_aiobotocore_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef, MessageTypeDef

    from sightglass_common.sqs import Sqs

# SQS gives at most ten at a time, and keeps them from others for as long as they are looked at.
_BATCH: Final = 10
_HELD_S: Final = 30
# One receive asks only some of SQS's servers: an empty answer is no proof.
_EMPTY_ANSWERS: Final = 2


class OperatedQueues:
    """The platform's queues by name."""

    def __init__(self, sqs: "Sqs", urls: QueueUrls) -> None:
        self._sqs = sqs
        self._urls = urls

    @classmethod
    async def of(cls, context: Context) -> "OperatedQueues":
        """The queues of the running service."""
        sqs = await context.sqs()
        return cls(sqs, QueueUrls(sqs, context.settings.queue_prefix))

    async def depths(self) -> list[QueueDepth]:
        """How full each queue and its dead-letter queue is."""
        found: list[QueueDepth] = []
        for queue in QUEUES:
            visible, in_flight, delayed = await self._depth(queue.name)
            dead = sum(await self._depth(queue.dead_letters))
            found.append(
                QueueDepth(name=queue.name, visible=visible, in_flight=in_flight, delayed=delayed, dead_letters=dead)
            )
        return found

    async def visible(self, name: str) -> int:
        """How many messages of a queue can be received now, about."""
        return (await self._depth(name))[0]

    @asynccontextmanager
    async def held(self, name: str, limit: int) -> AsyncGenerator[list["MessageTypeDef"]]:
        """Up to `limit` messages, kept from others inside the block; what was not deleted is given back.

        Their count of receives grows, which no SQS call can avoid.
        """
        with sqs_errors():
            url = await self._urls.of(name)
            held = await self._receive(url, limit)
        try:
            yield held
        finally:
            await self._give_back(url, held)

    async def delete(self, name: str, message: "MessageTypeDef") -> None:
        """Delete a held message."""
        with sqs_errors():
            await self._sqs.delete_message(
                QueueUrl=await self._urls.of(name), ReceiptHandle=message.get("ReceiptHandle", "")
            )

    async def send(self, name: str, body: str, group: str) -> None:
        """Put a body into a queue as it is. `group`: a tenant's share of the queue."""
        with sqs_errors():
            await self._sqs.send_message(QueueUrl=await self._urls.of(name), MessageBody=body, MessageGroupId=group)

    async def _receive(self, url: str, limit: int) -> list["MessageTypeDef"]:
        held: dict[str, MessageTypeDef] = {}
        empty = 0
        while len(held) < limit and empty < _EMPTY_ANSWERS:
            answer = await self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(_BATCH, limit - len(held)),
                VisibilityTimeout=_HELD_S,
                WaitTimeSeconds=0,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            found = answer.get("Messages", [])
            empty = 0 if found else empty + 1
            held |= {message.get("MessageId", ""): message for message in found}
        return list(held.values())

    async def _give_back(self, url: str, messages: Sequence["MessageTypeDef"]) -> None:
        for start in range(0, len(messages), _BATCH):
            entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
                {"Id": str(number), "ReceiptHandle": message.get("ReceiptHandle", ""), "VisibilityTimeout": 0}
                for number, message in enumerate(messages[start : start + _BATCH])
            ]
            with sqs_errors():
                # An entry that fails was deleted meanwhile, or comes back by itself.
                await self._sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)

    async def _depth(self, name: str) -> tuple[int, int, int]:
        with sqs_errors():
            answer = await self._sqs.get_queue_attributes(
                QueueUrl=await self._urls.of(name),
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                    "ApproximateNumberOfMessagesDelayed",
                ],
            )
        counts = answer["Attributes"]
        return (
            int(counts["ApproximateNumberOfMessages"]),
            int(counts["ApproximateNumberOfMessagesNotVisible"]),
            int(counts["ApproximateNumberOfMessagesDelayed"]),
        )


def declared(name: str) -> str:
    """Check that a queue or dead-letter queue of this name is one of ours. Raises QueueNotFound."""
    if name in BY_NAME or any(name == queue.dead_letters for queue in QUEUES):
        return name
    raise QueueNotFound


@contextmanager
def sqs_errors() -> Generator[None]:
    """Turn what SQS's client raises into DependencyUnavailable."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise DependencyUnavailable(f"SQS answered {code}.") from error
    except BotoCoreError as error:
        raise DependencyUnavailable(f"SQS does not answer: {type(error).__name__}.") from error
