"""Sending batches of outbox rows to SQS at once, with an answer for each row."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog
from botocore.exceptions import ClientError

from sightglass_common.attributes import attributes
from sightglass_common.outage import OUTAGES
from sightglass_common.packing import MAX_BYTES, Row
from sightglass_common.queue_urls import QueueUrls
from sightglass_common.sqs_answers import passes

if TYPE_CHECKING:
    from types_aiobotocore_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

    from sightglass_common.sqs import Sqs

_AT_ONCE: Final = 20
# The rows are locked meanwhile: better to give up and look again than to hold them for long.
_TIMEOUT_S: Final = 20.0

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class Sent:
    """What became of each row.

    refused: with the reason; SQS will not take these as they are now.
    failure: why rows that are in neither list were not sent: SQS did not answer.
    """

    accepted: list[Row] = field(default_factory=list[Row])
    refused: list[tuple[Row, str]] = field(default_factory=list[tuple[Row, str]])
    failure: Exception | None = None


async def send_all(sqs: "Sqs", urls: QueueUrls, batches: Iterable[Sequence[Row]]) -> Sent:
    """Send batches, each of one queue, up to 20 at once. Raises nothing for a batch that fails."""
    sent = Sent()
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def send(batch: Sequence[Row]) -> None:
        async with at_once:
            await _send(sqs, urls, batch, sent)

    async with asyncio.TaskGroup() as group:
        for batch in batches:
            group.create_task(send(batch))
    return sent


async def _send(sqs: "Sqs", urls: QueueUrls, batch: Sequence[Row], sent: Sent) -> None:
    if batch[0].size_bytes > MAX_BYTES:  # such a row is alone in its batch
        _refuse(sent, batch[0], f"InvalidParameterValue: {batch[0].size_bytes} bytes are more than SQS takes.")
        return
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            answer = await sqs.send_message_batch(
                QueueUrl=await urls.of(batch[0].queue),
                Entries=[_entry(number, row) for number, row in enumerate(batch)],
            )
    except OUTAGES as error:
        if not _is_refusal(error):
            sent.failure = error
        elif len(batch) == 1:
            _refuse(sent, batch[0], str(error))
        else:
            # One row can be the fault of all: alone, each gets its own answer.
            for row in batch:
                await _send(sqs, urls, [row], sent)
        return
    sent.accepted += [batch[int(entry["Id"])] for entry in answer.get("Successful", [])]
    for entry in answer.get("Failed", []):
        _refuse(sent, batch[int(entry["Id"])], f"{entry['Code']}: {entry.get('Message', '')}")


def _entry(number: int, row: Row) -> "SendMessageBatchRequestEntryTypeDef":
    # The group makes SQS fair between tenants; without one each message would count as a tenant of its own.
    return {
        "Id": str(number),
        "MessageBody": row.body,
        "MessageGroupId": str(row.tenant_id),
        "MessageAttributes": attributes(row.body, reason=row.reason),
    }


def _refuse(sent: Sent, row: Row, reason: str) -> None:
    _log.error("outbox.refused", queue=row.queue, outbox_id=str(row.outbox_id), refusals=row.refusals + 1, why=reason)
    sent.refused.append((row, reason[:1000]))


def _is_refusal(error: Exception) -> bool:
    """Whether SQS answered that it will not take this, rather than that it cannot just now."""
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return 400 <= status < 500 and not passes(error)
