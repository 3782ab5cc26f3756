"""The consumer: takes messages off a queue, gives each to a handler, and settles it by how that ended."""

import asyncio
import random
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, get_args

import structlog

from sightglass_common import logs
from sightglass_common.delivery import Delivery, Handler, Held, held_from
from sightglass_common.errors import SightglassError
from sightglass_common.heartbeat import Heartbeat
from sightglass_common.messages import Message, from_json
from sightglass_common.metrics import MESSAGE_SECONDS, MESSAGES, QUEUE_AGE_SECONDS, REDELIVERED, SLOTS_BUSY
from sightglass_common.outage import OUTAGES, Outage, pause
from sightglass_common.outcomes import Outcome, verdict
from sightglass_common.queue_urls import QueueUrls
from sightglass_common.queues import Queue
from sightglass_common.settlement import Settlement

if TYPE_CHECKING:
    from sightglass_common.sqs import Sqs

M = TypeVar("M", bound=Message)

_MAX_RECEIVE: Final = 10
# What a cancelled handler gets to give its job back before its message is shown again without that.
_LAST_WORDS_S: Final = 5.0
# A long poll that has not answered by this much after its time is not going to bring anything.
_LATE_ANSWER_S: Final = 2.0

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Consumer(Generic[M]):
    """Consumes one queue for as long as it runs.

    slots: handlers at once.
    prefetch: messages held ready beyond that; 0 where work is long, as another consumer may be idle.
    wait_s: length of a long poll, 0 to 20 s. A stop waits for the one under way, as SQS may hand a message to it.
    visibility_timeout_s: instead of the queue's own; also bounds how long a killed consumer's messages hide.
    shutdown_grace_s: what running handlers get after a stop before they are cancelled.
    """

    def __init__(
        self,
        sqs: "Sqs",
        queue: Queue[M],
        handler: Handler[M],
        *,
        slots: int,
        queue_prefix: str = "",
        prefetch: int = 0,
        wait_s: int = 5,
        visibility_timeout_s: int | None = None,
        shutdown_grace_s: float = 25.0,
        rng: random.Random | None = None,
    ) -> None:
        self._sqs = sqs
        self._queue = queue
        self._handler = handler
        self._slots = slots
        self._capacity = slots + prefetch
        self._wait_s = wait_s
        self._timeout_s = visibility_timeout_s or queue.visibility_timeout_s
        self._grace_s = shutdown_grace_s
        self._urls = QueueUrls(sqs, queue_prefix)
        jitter = rng or random.Random()  # noqa: S311  # spreads load, hides nothing
        self._settlement = Settlement(sqs, self._urls, queue.name, queue.dead_letters, jitter)
        self._held: set[Held] = set()
        self._waiting: deque[Held] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._receiving: asyncio.Task[list[Held]] | None = None
        self._outage = Outage(f"queue {queue.name}")
        self._busy = SLOTS_BUSY.labels(queue.name)
        self._seconds = MESSAGE_SECONDS.labels(queue.name)
        self._age = QUEUE_AGE_SECONDS.labels(queue.name)
        self._outcomes = {kind: MESSAGES.labels(queue.name, kind.__name__.lower()) for kind in get_args(Outcome)}

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop`, then drain: what runs may end, what has not begun goes back at once."""
        heartbeat = asyncio.create_task(self._beat())
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                await self._take_more(stop, {heartbeat, stopping})
                if heartbeat.done():
                    await heartbeat  # it never returns: this raises what ended it
        except asyncio.CancelledError:
            self._grace_s = 0.0  # whoever cancels does not wait
            raise
        finally:
            stopping.cancel()
            await self._drain()
            heartbeat.cancel()
            await asyncio.gather(heartbeat, stopping, return_exceptions=True)

    async def _take_more(self, stop: asyncio.Event, interrupts: "set[asyncio.Task[Any]]") -> None:
        room = self._capacity - len(self._running) - len(self._waiting)
        if room <= 0:
            self._room.clear()
            waiting = asyncio.create_task(self._room.wait())
            await asyncio.wait({waiting, *interrupts}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            return
        self._receiving = asyncio.create_task(self._receive(min(room, _MAX_RECEIVE)))
        await asyncio.wait({self._receiving, *interrupts}, return_when=asyncio.FIRST_COMPLETED)
        if not self._receiving.done():
            return  # _drain awaits it
        receiving, self._receiving = self._receiving, None
        try:
            received = receiving.result()
        except OUTAGES as error:
            await pause(stop, self._outage.began(error))
            return
        self._outage.over()
        self._waiting.extend(received)
        self._start_waiting()

    async def _receive(self, most: int) -> list[Held]:
        url = await self._urls.of(self._queue.name)
        answer = await self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=most,
            WaitTimeSeconds=self._wait_s,
            VisibilityTimeout=self._timeout_s,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp", "MessageGroupId"],
        )
        received = [held_from(raw) for raw in answer.get("Messages", [])]
        self._note_receipt(received)
        return received

    def _note_receipt(self, received: list[Held]) -> None:
        self._held.update(received)
        now = time.time()
        for held in received:
            self._age.observe(max(0.0, now - held.sent_at))
            if held.receives > 1:
                REDELIVERED.labels(self._queue.name).inc()

    def _start_waiting(self) -> None:
        while self._waiting and len(self._running) < self._slots:
            task = asyncio.create_task(self._process(self._waiting.popleft()))
            self._running.add(task)
            task.add_done_callback(self._ended)
        self._busy.set(len(self._running))

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("message.not_settled", queue=self._queue.name, exc_info=error)
        self._start_waiting()
        self._room.set()

    async def _process(self, held: Held) -> None:
        outcome = await self._outcome(held)  # cancelled here, it stays held, and the drain gives it back
        self._held.discard(held)
        await self._settlement.settle(held, outcome)
        self._seconds.observe(time.monotonic() - held.received_at)
        self._outcomes[type(outcome)].inc()

    async def _outcome(self, held: Held) -> Outcome:
        try:
            envelope = from_json(held.body, self._queue.message)
            with logs.bound(trace=envelope.trace, tenant_id=envelope.message.tenant_id, message_id=envelope.id):
                return await self._handled(Delivery(envelope, held.receives))
        except SightglassError as error:
            return verdict(error)  # of from_json: it cannot be decoded

    async def _handled(self, delivery: Delivery[M]) -> Outcome:
        try:
            return await self._handler(delivery)
        except Exception as error:  # noqa: BLE001  # the one place that judges whatever a handler raises
            if not isinstance(error, SightglassError):
                _log.exception("message.handler_failed", queue=self._queue.name)
            return verdict(error)

    async def _beat(self) -> None:
        heartbeat = Heartbeat(self._sqs, self._queue.name, self._held, self._timeout_s)
        while True:
            await asyncio.sleep(self._timeout_s / 3)
            if self._held:
                await heartbeat.beat(await self._urls.of(self._queue.name))

    async def _drain(self) -> None:
        deadline = time.monotonic() + self._grace_s
        self._give_back_waiting()
        if self._receiving is not None:
            await self._await_receive(self._receiving)
            self._give_back_waiting()
        if self._running:
            _log.info("consumer.draining", queue=self._queue.name, running=len(self._running))
            await asyncio.wait(self._running, timeout=max(0.0, deadline - time.monotonic()))
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=_LAST_WORDS_S)
        for held in tuple(self._held):
            self._give_back(held)
        await self._settlement.aclose()

    async def _await_receive(self, receiving: "asyncio.Task[list[Held]]") -> None:
        # Not cancelled before its time: what SQS hands to a poll that nobody reads hides for the whole timeout.
        await asyncio.wait({receiving}, timeout=self._wait_s + _LATE_ANSWER_S)
        receiving.cancel()
        try:
            self._waiting.extend(await receiving)
        except OUTAGES as error:
            _log.info("consumer.last_receive_failed", queue=self._queue.name, error=str(error))
        except asyncio.CancelledError:
            _log.warning("consumer.receive_abandoned", queue=self._queue.name, seconds=self._timeout_s)

    def _give_back_waiting(self) -> None:
        while self._waiting:
            self._give_back(self._waiting.popleft())

    def _give_back(self, held: Held) -> None:
        self._held.discard(held)
        self._settlement.give_back(held)
