"""The handler of queues whose messages are jobs: claims the job, has the work done, and keeps its effect once."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeAlias, TypeVar

import structlog

from sightglass_common import effects, leases, outbox
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.errors import AttemptsExhausted, Cancelled, LeaseLost, SightglassError
from sightglass_common.job_context import JobContext
from sightglass_common.jobs import FinalStatus
from sightglass_common.leases import Claim
from sightglass_common.messages import JobMessage, to_json
from sightglass_common.metrics import FENCED, JOBS
from sightglass_common.outage import OUTAGES
from sightglass_common.outcomes import Done, Leave, Outcome, Retry, backoff_after, reason_of
from sightglass_common.queues import Queue

J = TypeVar("J", bound=JobMessage)

# Runs in the transaction that ends the job: all its writes stand, or none. Returns what the job ends as; None for one
# that it has handed over to other jobs, and that is left as the effect has left it.
Effect: TypeAlias = Callable[[Db], Awaitable[FinalStatus | None]]
# Does the long part without any effect that a second run could not overwrite, and returns the effect.
Work: TypeAlias = Callable[[J, JobContext], Coroutine[Any, Any, Effect]]

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class JobRunner(Generic[J]):
    """A `Handler` for a consumer.

    lease_s: for how long a silent worker keeps a job from others; it is renewed all the time while the loop runs.
        About the queue's visibility timeout: a killed worker's message comes back then, and finds the job free.
    """

    def __init__(
        self,
        pool: Pool,
        queue: Queue[J],
        work: Work[J],
        *,
        lease_s: float = 30.0,
        report_every_s: float = 0.5,
        rng: random.Random | None = None,
    ) -> None:
        self._pool = pool
        self._queue = queue
        self._work = work
        self._lease_s = lease_s
        self._report_every_s = report_every_s
        self._rng = rng or random.Random()  # noqa: S311  # spreads retries, hides nothing

    async def __call__(self, delivery: Delivery[J]) -> Outcome:
        """Carry the job forward. Raises what `leases.claim` raises, for the consumer to judge."""
        message = delivery.message
        try:
            async with tenant_transaction(self._pool, message.tenant_id) as db:
                claim = await leases.claim(db, message.job_id, lease_s=self._lease_s, message_id=delivery.envelope.id)
        except (AttemptsExhausted, Cancelled) as error:
            return await self._close(delivery, error)
        with structlog.contextvars.bound_contextvars(job_id=str(claim.job_id), attempt=claim.attempt):
            return await self._attempt(delivery, claim)

    async def _attempt(self, delivery: Delivery[J], claim: Claim) -> Outcome:
        """Work, and end the attempt one way or another."""
        try:
            effect = await self._worked(delivery, claim)
            await self._conclude(delivery, claim, effect)
        except asyncio.CancelledError:
            await self._give_up(claim)
            raise
        except LeaseLost as error:
            return self._fenced(error)
        except Exception as error:  # noqa: BLE001  # whatever the work raises becomes the job's error
            return await self._failed(delivery, claim, error)
        return Done()

    async def _worked(self, delivery: Delivery[J], claim: Claim) -> Effect:
        context = JobContext(
            self._pool,
            claim,
            delivery.envelope.trace,
            structlog.stdlib.get_logger(self._queue.name),
            lease_s=self._lease_s,
            report_every_s=self._report_every_s,
        )
        work = asyncio.create_task(self._work(delivery.message, context))
        keeping = asyncio.create_task(context.keep(work))
        try:
            return await work
        except asyncio.CancelledError:
            if context.ended is not None:
                raise context.ended from None
            raise
        finally:
            keeping.cancel()
            (kept,) = await asyncio.gather(keeping, return_exceptions=True)
            if isinstance(kept, Exception):
                _log.error("job.lease_not_kept", exc_info=kept)
            context.close()

    async def _conclude(self, delivery: Delivery[J], claim: Claim, effect: Effect) -> None:
        message = delivery.message
        async with tenant_transaction(self._pool, claim.tenant_id) as db:
            if not await effects.mark(db, message.tenant_id, self._queue.name, delivery.envelope.id):
                # Only an attempt that the fence shuts out can come here: `release` will find that.
                raise RuntimeError("The effect of this message stands already.")
            status = await effect(db)
            if status is not None:
                await leases.finish(db, claim, status)
        if status is not None:
            self._count(claim.kind, status)

    async def _failed(self, delivery: Delivery[J], claim: Claim, error: Exception) -> Outcome:
        """End or release the job whose attempt ended with `error`."""
        try:
            async with tenant_transaction(self._pool, claim.tenant_id) as db:
                return await self._judge(db, delivery, claim, error)
        except LeaseLost as lost:
            return self._fenced(lost)

    async def _judge(self, db: Db, delivery: Delivery[J], claim: Claim, error: Exception) -> Outcome:
        if isinstance(error, Cancelled):
            await leases.finish(db, claim, "cancelled")
            self._count(claim.kind, "cancelled")
            return Done()
        if not isinstance(error, SightglassError):
            _log.error("job.attempt_failed", exc_info=error)
            error = _as_internal(error)
        if not error.retryable:
            await leases.finish(db, claim, "failed", error)
            _log.info("job.failed", code=error.code, **error.context)
            self._count(claim.kind, "failed", error.code)
            return Done()
        left = await leases.release(db, claim, error=error, spent=True)
        if left > 0:
            return Retry(reason_of(error), backoff_after(claim.attempt, self._rng))
        await self._bury(db, delivery, reason_of(error))
        self._count(claim.kind, "failed", error.code)
        return Done()

    async def _close(self, delivery: Delivery[J], error: SightglassError) -> Outcome:
        async with tenant_transaction(self._pool, delivery.message.tenant_id) as db:
            closed = await leases.close(db, delivery.message.job_id)
            if closed is None:
                return Retry(reason_of(error), 1.0)  # taken up or ended in the meantime: look again
            kind, status = closed
            if status == "failed":
                await self._bury(db, delivery, reason_of(error))
        self._count(kind, status, error.code if status == "failed" else "")
        return Done()

    async def _bury(self, db: Db, delivery: Delivery[J], reason: str) -> None:
        # By the outbox, so that the job says `failed` if, and only if, its message is a dead letter.
        message = delivery.message
        body = to_json(delivery.envelope)
        dead = self._queue.dead_letters
        await outbox.post_body(db, message.tenant_id, dead, body, job_id=message.job_id, reason=reason)

    async def _give_up(self, claim: Claim) -> None:
        """A shutdown: the attempt is not to blame, so it is not spent."""
        try:
            async with tenant_transaction(self._pool, claim.tenant_id) as db:
                await leases.release(db, claim, spent=False)
        except LeaseLost as error:
            self._fenced(error)
        except OUTAGES as error:
            _log.warning("job.not_released", error=f"{type(error).__name__}: {error}", lease_s=self._lease_s)

    def _fenced(self, error: LeaseLost) -> Outcome:
        FENCED.labels(self._queue.name).inc()
        _log.warning("job.lease_lost", **error.context)
        return Leave()

    def _count(self, kind: str, status: FinalStatus, code: str = "") -> None:
        JOBS.labels(kind, status, code).inc()


def _as_internal(error: Exception) -> SightglassError:
    """A bug's own words stay in the log: they may quote a customer's data."""
    return SightglassError(f"An unexpected error: {type(error).__name__}.")
