"""A worker beside a yard: its runner and its rows are the real ones, and what it reads in a film a test says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.integration.scanner.yard import Yard

from sightglass_common.db import Db, Pool
from sightglass_common.delivery import Delivery
from sightglass_common.errors import SightglassError
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect, JobRunner
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import AnalyzeVideo, Envelope, from_json
from sightglass_common.queues import VIDEO_ANALYSES
from sightglass_worker.queries import Result, TextRow, store_result
from sightglass_worker.telling import Telling

READ = {"looks": 2, "read": 2, "capped": 0, "failed": 0, "unread_us": 0}


@dataclass(frozen=True, slots=True)
class Screening:
    """What the worker of a yard does. killed: it never comes to tell that a job is over."""

    yard: Yard
    worker: Pool

    async def asked(self) -> list[Envelope[AnalyzeVideo]]:
        """The films that wait to be analysed; their messages are taken out."""
        rows = await self.yard.rows(
            "DELETE FROM outbox WHERE tenant_id = %s AND queue = 'video-analyses' RETURNING body", self.yard.tenant_id
        )
        return [from_json(row["body"], AnalyzeVideo) for row in rows]

    async def show(
        self,
        envelope: Envelope[AnalyzeVideo],
        *texts: str,
        error: SightglassError | None = None,
        killed: bool = False,
        **changes: Any,
    ) -> None:
        """Analyse a film that shows these texts, or that cannot be read."""

        async def work(message: AnalyzeVideo, job: JobContext) -> Effect:
            if error is not None:
                raise error

            async def effect(db: Db) -> FinalStatus:
                result = _result(texts, **changes)
                await store_result(db, message.tenant_id, message.analysis_id, attempt=job.claim.attempt, result=result)
                return "partial" if result.partial else "done"

            return effect

        runner: Any = JobRunner(self.worker, VIDEO_ANALYSES, work)
        handler = runner if killed else Telling(self.worker, runner)
        await handler(Delivery(envelope))


def _result(texts: Sequence[str], **changes: Any) -> Result:
    spans = [{"start_us": 1000, "end_us": 900_000, "box": [0.1, 0.1, 0.5, 0.04]}]
    values: dict[str, Any] = {
        "analyser_version": 3, "probe": {}, "duration_us": 1_000_000, "frames": 25, "bad_packets": 0,
        "partial": False, "partial_reason": None, "text_coverage": READ, "pose_coverage": None, "score": None,
        "labels": {}, "sprite_key": None, "storyboard_key": None, "scenes": [],
        "texts": [TextRow(i, 1000, 900_000, text, "", 1.0, spans) for i, text in enumerate(texts)],
    }  # fmt: skip
    return Result(**{**values, **changes})
