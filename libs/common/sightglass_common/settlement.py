"""Carrying out what is to become of messages: deleted, shown again later, or moved to the dead-letter queue."""

import math
import random
from typing import TYPE_CHECKING

import structlog

from sightglass_common import sqs_batches
from sightglass_common.attributes import attributes
from sightglass_common.batcher import Batcher
from sightglass_common.delivery import Held
from sightglass_common.outage import OUTAGES
from sightglass_common.outcomes import Dead, Done, Leave, Outcome, Retry, backoff_after
from sightglass_common.queue_urls import QueueUrls

if TYPE_CHECKING:
    from sightglass_common.sqs import Sqs

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Settlement:
    """Settles messages of one queue in batches.

    Whatever fails here leaves the message where it is, and it is delivered again: its effect stands once anyway.
    """

    def __init__(self, sqs: "Sqs", urls: QueueUrls, queue: str, dead_letters: str, rng: random.Random) -> None:
        self._sqs = sqs
        self._urls = urls
        self._queue = queue
        self._dead_letters = dead_letters
        self._rng = rng
        self._deletes = Batcher(self._delete)
        self._returns = Batcher(self._show)

    async def settle(self, held: Held, outcome: Outcome) -> None:
        """Do with a message what its outcome asks for; batched calls may still be to come on return."""
        match outcome:
            case Done():
                self._deletes.add(held.handle)
            case Retry():
                self._retry(held, outcome)
            case Dead():
                await self._bury(held, outcome)
            case Leave():
                _log.info("message.left", queue=self._queue)

    def give_back(self, held: Held) -> None:
        """Show a message again at once: nobody has begun with it, or its attempt was given up."""
        self._returns.add((held.handle, 0))

    async def aclose(self) -> None:
        """Wait until all is carried out."""
        await self._deletes.aclose()
        await self._returns.aclose()

    def _retry(self, held: Held, outcome: Retry) -> None:
        delay_s = outcome.delay_s
        if delay_s is None:
            delay_s = max(outcome.at_least_s, backoff_after(held.receives, self._rng))
        _log.warning("message.retry", queue=self._queue, delay_s=round(delay_s, 1), why=outcome.reason)
        self._returns.add((held.handle, math.ceil(delay_s)))

    async def _bury(self, held: Held, outcome: Dead) -> None:
        _log.error("message.dead", queue=self._queue, sqs_message_id=held.message_id, why=outcome.reason)
        try:
            await self._sqs.send_message(
                QueueUrl=await self._urls.of(self._dead_letters),
                MessageBody=held.body,
                MessageAttributes=attributes(held.body, reason=outcome.reason, message_id=held.message_id),
                MessageGroupId=held.group or held.message_id,  # without a group each counts as one of its own
            )
        except OUTAGES as error:
            self._retry(held, Retry(f"cannot be moved to {self._dead_letters}: {type(error).__name__}: {error}"))
            return
        # Killed here, it is buried twice; its id tells.
        self._deletes.add(held.handle)

    async def _delete(self, handles: list[str]) -> None:
        try:
            reasons = await sqs_batches.delete(self._sqs, await self._urls.of(self._queue), handles)
        except OUTAGES as error:
            reasons = [f"{type(error).__name__}: {error}"]
        if reasons:
            _log.warning("message.delete_failed", queue=self._queue, reasons=reasons[:3])

    async def _show(self, changes: list[tuple[str, int]]) -> None:
        try:
            reasons = await sqs_batches.change_visibility(self._sqs, await self._urls.of(self._queue), changes)
        except OUTAGES as error:
            reasons = [f"{type(error).__name__}: {error}"]
        if reasons:
            _log.warning("message.return_failed", queue=self._queue, reasons=reasons[:3])
