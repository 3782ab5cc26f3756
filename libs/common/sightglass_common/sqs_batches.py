"""Batch calls of SQS on messages that are held. Such a call answers 200 and yet may have failed for some entries."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from sightglass_common.sqs import Sqs

MAX_ENTRIES: Final = 10


async def delete(sqs: "Sqs", url: str, handles: Sequence[str]) -> list[str]:
    """Delete up to ten messages by their receipt handles; why any was not deleted.

    Raises BotoCoreError, ClientError when the call as a whole fails.
    """
    answer = await sqs.delete_message_batch(
        QueueUrl=url, Entries=[{"Id": str(i), "ReceiptHandle": handle} for i, handle in enumerate(handles)]
    )
    reasons: list[str] = []
    for failed in answer.get("Failed", []):
        handle = handles[int(failed["Id"])]
        try:
            await sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
        except (BotoCoreError, ClientError) as error:
            reasons.append(_reason(failed, error))
    return reasons


async def change_visibility(sqs: "Sqs", url: str, changes: Sequence[tuple[str, int]]) -> list[str]:
    """Hide up to ten messages, by receipt handle, for so many more seconds (0: show at once); why any was not.

    Raises BotoCoreError, ClientError when the call as a whole fails.
    """
    answer = await sqs.change_message_visibility_batch(
        QueueUrl=url,
        Entries=[
            {"Id": str(i), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
            for i, (handle, seconds) in enumerate(changes)
        ],
    )
    reasons: list[str] = []
    for failed in answer.get("Failed", []):
        handle, seconds = changes[int(failed["Id"])]
        try:
            await sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=seconds)
        except (BotoCoreError, ClientError) as error:
            reasons.append(_reason(failed, error))
    return reasons


def _reason(failed: Any, error: Exception) -> str:
    return f"{failed['Code']}, then alone {type(error).__name__}: {error}"
