"""The handler of video-ranges: runs what a message asks for, and looks after the analysis that it is part of."""

from typing import TYPE_CHECKING

import structlog

from sightglass_common import leases, waiting
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.errors import AnalysisNotFound, JobOver, SightglassError
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect, JobRunner
from sightglass_common.jobs import Status
from sightglass_common.leases import Claim
from sightglass_common.messages import AnalyzeRange
from sightglass_common.metrics import JOBS
from sightglass_common.outcomes import Done, Outcome
from sightglass_common.queues import VIDEO_RANGES
from sightglass_worker.ocr.readers import TextReaders
from sightglass_worker.ranges import queries
from sightglass_worker.ranges.handler import AnalyzeRangeHandler
from sightglass_worker.ranges.merge import MergeHandler
from sightglass_worker.ranges.queries import Parent
from sightglass_worker.ranges.shelf import clear, shelf_of
from sightglass_worker.settings import WorkerSettings

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class RangeRunner:
    """A `Handler` for a consumer of video-ranges.

    readers: of text on screen; None where none is to be read.
    """

    def __init__(
        self,
        pool: Pool,
        s3: "S3Client",
        settings: WorkerSettings,
        readers: TextReaders | None,
    ) -> None:
        self._pool = pool
        self._s3 = s3
        self._settings = settings
        self._range = AnalyzeRangeHandler(pool, s3, settings, readers)
        self._merge = MergeHandler(pool, s3, settings)
        self._runner = JobRunner(pool, VIDEO_RANGES, self._work, lease_s=settings.lease_s)

    async def __call__(self, delivery: Delivery[AnalyzeRange]) -> Outcome:
        """Carry a range's job forward, and end the analysis that cannot go on. Raises what `leases.claim` raises."""
        message = delivery.message
        try:
            outcome = await self._runner(delivery)
        except JobOver:
            # Killed after its end, before the rest: all of it can be done twice.
            await self._look_after(message)
            raise
        if isinstance(outcome, Done):
            await self._look_after(message)
        return outcome

    async def _work(self, message: AnalyzeRange, job: JobContext) -> Effect:
        return await (self._merge if message.number is None else self._range)(message, job)

    async def _look_after(self, message: AnalyzeRange) -> None:
        """End the analysis if this part of it has failed, or a cancel was asked for; clear away what it has left."""
        try:
            async with tenant_transaction(self._pool, message.tenant_id) as db:
                parent = await queries.locked(db, message.analysis_id)
                status = await _ended(db, message, parent)
                if status in {"failed", "cancelled"} and await _is_newest(db, message):
                    await queries.forget(db, message.analysis_id)
                await waiting.wake(db, parent.job_id)
                keep = await queries.referred_keys(db, message.analysis_id)
        except AnalysisNotFound:
            return
        if status in {"failed", "cancelled"} or (status in {"done", "partial"} and message.number is None):
            await self._clear(message, keep)

    async def _clear(self, message: AnalyzeRange, keep: set[str]) -> None:
        """Where that fails it costs storage, and no more."""
        try:
            gone = await clear(self._s3, shelf_of(self._settings.bucket, message), keep=keep)
        except SightglassError as error:
            _log.warning("ranges.not_cleared", code=error.code)
        else:
            _log.info("ranges.cleared", objects=gone)


async def _ended(db: Db, message: AnalyzeRange, parent: Parent) -> Status:
    """The status of the analysis' job, which may end here, with a range's error or cancelled."""
    if parent.status != "running" or not await _is_newest(db, message):
        return parent.status
    if parent.cancel_requested:
        claim = Claim(parent.tenant_id, parent.job_id, parent.kind, parent.attempt, parent.attempts_left)
        await leases.finish(db, claim, "cancelled")
        JOBS.labels(parent.kind, "cancelled", "").inc()
        return "cancelled"
    code = await queries.fail_with(db, parent.job_id, message.job_id)
    if code is None:
        return "running"
    JOBS.labels(parent.kind, "failed", code).inc()
    return "failed"


async def _is_newest(db: Db, message: AnalyzeRange) -> bool:
    """Whether the message is of the plan that the analysis follows."""
    return any(row.plan == message.plan for row in await queries.all_ranges(db, message.analysis_id))
