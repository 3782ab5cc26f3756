"""Jobs as clients see them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field


class JobStatus(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobError(BaseModel):
    """What the last attempt met."""

    code: str
    title: str
    detail: str
    stage: str | None
    retryable: bool = Field(description="Whether the same input may succeed later.")


class Stage(BaseModel):
    """A step of the work that has begun."""

    stage: str
    started_at: datetime


class Job(BaseModel):
    """A piece of work that somebody waits for."""

    job_id: UUID
    kind: str
    status: JobStatus
    attempt: int = Field(description="How often the job has been taken up by who has it now.")
    stage: str | None
    done: int
    total: int | None
    progress: float | None = Field(ge=0, le=1, description="null while it is not known.")
    stages: list[Stage]
    error: JobError | None = Field(description="Also while queued for another attempt.")
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    revision: int = Field(description="Grows with each change.")
    analysis_id: UUID | None
    video_id: UUID | None
    scan_id: UUID | None
    cancel_requested: bool
