"""What a worker's code has in hand while it works on a job: its claim, and a way to say how far it is."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from sightglass_common import leases
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import Cancelled, LeaseLost, SightglassError
from sightglass_common.leases import Claim
from sightglass_common.metrics import STAGE_SECONDS
from sightglass_common.outage import OUTAGES, Outage
from sightglass_common.tracing import Trace

# How soon a job that reports nothing learns that it is to be cancelled.
_LOOK_EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an attempt is. done/total never goes back within an attempt; no total means that it is not known."""

    stage: str | None = None
    done: int = 0
    total: int | None = None


class JobContext:
    """A claimed job at work. Ask for nothing here once the work has returned its effect.

    trace: goes into every message that follows from this job.
    log: has tenant, job, attempt and trace bound.
    """

    def __init__(
        self,
        pool: Pool,
        claim: Claim,
        trace: Trace,
        log: structlog.stdlib.BoundLogger,
        *,
        lease_s: float,
        report_every_s: float = 0.5,
    ) -> None:
        self.claim = claim
        self.trace = trace
        self.log = log
        self._pool = pool
        self._lease_s = lease_s
        self._report_every_s = report_every_s
        self._latest = self._written = Progress()
        self._written_at = self._stage_at = time.monotonic()
        self._one_at_a_time = asyncio.Lock()
        self._outage = Outage("lease")
        self._ended: SightglassError | None = None

    @property
    def ended(self) -> SightglassError | None:
        """Why the work was cancelled: Cancelled or LeaseLost. None when it was not, or by a shutdown."""
        return self._ended

    async def report(self, stage: str, done: int = 0, total: int | None = None) -> None:
        """Say how far the work is; as often as you like, since it is written at most twice a second.

        Raises Cancelled when a cancel was asked for, LeaseLost when another attempt has begun: let both through.
        """
        new_stage = stage != self._latest.stage
        if new_stage:
            self._leave_stage()
        self._latest = Progress(stage, done, total)
        if new_stage or time.monotonic() - self._written_at >= self._report_every_s:
            await self._write()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Db]:
        """A transaction for what is to be seen before the job is over: it stands only if no newer attempt has begun.

        The next attempt finds what this one has written, and is to replace it. Raises LeaseLost.
        """
        async with tenant_transaction(self._pool, self.claim.tenant_id) as db:
            await leases.hold(db, self.claim)
            yield db

    async def keep(self, work: "asyncio.Task[object]") -> None:
        """Renew the lease until cancelled, however silent the work is; cancels the work when there is reason to."""
        while True:
            await asyncio.sleep(min(self._report_every_s, self._lease_s / 6))
            if not self._due():
                continue
            try:
                await self._write()
                self._outage.over()
            except (Cancelled, LeaseLost) as error:
                self._ended = error
                work.cancel()
                return
            except OUTAGES as error:
                # The work goes on: if the lease runs out meanwhile and another takes over, the fence holds.
                await asyncio.sleep(self._outage.began(error))

    def close(self) -> None:
        """The work is over: its last stage is, too."""
        self._leave_stage()

    def _due(self) -> bool:
        since = time.monotonic() - self._written_at
        unwritten = self._latest != self._written and since >= self._report_every_s
        return unwritten or since >= min(_LOOK_EVERY_S, self._lease_s / 3)

    async def _write(self) -> None:
        async with self._one_at_a_time:
            latest = self._latest
            async with tenant_transaction(self._pool, self.claim.tenant_id) as db:
                cancel = await leases.report(
                    db, self.claim, latest.stage, latest.done, latest.total, lease_s=self._lease_s
                )
            self._written, self._written_at = latest, time.monotonic()
        if cancel:
            raise Cancelled(job_id=str(self.claim.job_id))

    def _leave_stage(self) -> None:
        now = time.monotonic()
        if self._latest.stage is not None:
            STAGE_SECONDS.labels(self.claim.kind, self._latest.stage).observe(now - self._stage_at)
        self._stage_at = now
