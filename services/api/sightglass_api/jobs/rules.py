"""What a job's row means to a client: pure."""

from typing import Final

from sightglass_api.jobs.queries import JobRow
from sightglass_api.jobs.schemas import Job, JobError, JobStatus, Stage
from sightglass_common.errors import SightglassError, all_errors

FINAL: Final = frozenset({"done", "partial", "failed", "cancelled"})
_TITLES: Final = {error.code: error.title() for error in all_errors()}


def progress_of(status: str, done: int, total: int | None) -> float | None:
    """How much of a job is done, 0..1; None while its end is not known."""
    if status in {"done", "partial"}:
        return 1.0
    if not total or total < 0:
        return None
    return min(1.0, max(0.0, done / total))


def error_of(code: str | None, detail: str | None, stage: str | None, *, retryable: bool | None) -> JobError | None:
    """The error that a row tells of, with the title that its code has."""
    if code is None:
        return None
    title = _TITLES.get(code, SightglassError.title())
    return JobError(code=code, title=title, detail=detail or title, stage=stage, retryable=bool(retryable))


def job_of(row: JobRow) -> Job:
    """A row as a client sees it."""
    return Job(
        job_id=row.job_id,
        kind=row.kind,
        status=JobStatus(row.status),
        attempt=row.attempt,
        stage=row.stage,
        done=row.done,
        total=row.total,
        progress=progress_of(row.status, row.done, row.total),
        stages=[Stage.model_validate(stage) for stage in row.stages],
        error=error_of(row.error_code, row.error_detail, row.error_stage, retryable=row.error_retryable),
        created_at=row.created_at,
        queued_at=row.queued_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        revision=row.revision,
        analysis_id=row.analysis_id,
        video_id=row.video_id,
        scan_id=row.scan_id,
        cancel_requested=row.cancel_requested,
    )
