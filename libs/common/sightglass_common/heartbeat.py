"""The heartbeat of a consumer: keeps every message that it holds hidden, from its receipt to its end."""

import asyncio
import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import structlog

from sightglass_common import sqs_batches
from sightglass_common.delivery import Held
from sightglass_common.metrics import HEARTBEATS_LATE
from sightglass_common.outage import OUTAGES

if TYPE_CHECKING:
    from sightglass_common.sqs import Sqs

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Heartbeat:
    """Extends what `held` holds, whether a handler has begun with it or not.

    held: the consumer's own collection, looked at anew at each beat.
    visibility_timeout_s: what each message is hidden for; the consumer beats three times in it.
    """

    def __init__(self, sqs: "Sqs", queue_name: str, held: Collection[Held], visibility_timeout_s: int) -> None:
        self._sqs = sqs
        self._queue_name = queue_name
        self._held = held
        self._timeout_s = visibility_timeout_s

    async def beat(self, url: str) -> None:
        """Extend all that was not hidden anew within the last sixth of the timeout: short work costs no call."""
        now = time.monotonic()
        due = [held for held in self._held if now - held.extended_at > self._timeout_s / 6]
        late = sum(now - held.extended_at > self._timeout_s for held in due)
        if late:
            # The process was stopped or the loop blocked: others may hold these too, and fencing decides.
            HEARTBEATS_LATE.labels(self._queue_name).inc(late)
            _log.warning("heartbeat.late", queue=self._queue_name, messages=late)
        batches = [due[i : i + sqs_batches.MAX_ENTRIES] for i in range(0, len(due), sqs_batches.MAX_ENTRIES)]
        await asyncio.gather(*(self._extend(url, batch, now) for batch in batches))

    async def _extend(self, url: str, batch: Sequence[Held], now: float) -> None:
        try:
            async with asyncio.timeout(self._timeout_s / 3):
                changes = [(held.handle, self._timeout_s) for held in batch]
                refused = await sqs_batches.change_visibility(self._sqs, url, changes)
        except OUTAGES as error:
            self._refused(len(batch), [f"{type(error).__name__}: {error}"])
            return  # the next beat comes before the timeout is over
        for held in batch:
            held.extended_at = now
        if refused:
            self._refused(len(refused), refused)

    def _refused(self, messages: int, reasons: Sequence[str]) -> None:
        HEARTBEATS_LATE.labels(self._queue_name).inc(messages)
        _log.warning("heartbeat.refused", queue=self._queue_name, messages=messages, reasons=list(reasons)[:3])
