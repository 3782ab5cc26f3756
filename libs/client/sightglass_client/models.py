"""What the API answers of videos, analyses, jobs, uploads and itself, typed.

Names and units are those of the API: `_us` is media time in microseconds, `_at` a moment, `_bytes` a size.
"""

from datetime import datetime
from typing import Final

from pydantic import Field

from sightglass_client.answer import Answer, Link
from sightglass_client.findings import LabelSummary, PoseCoverage, Preview, Probe, Score, TextCoverage

# A job in one of these does not change any more, unless it is retried.
FINAL_STATUSES: Final = frozenset({"done", "partial", "failed", "cancelled"})


class JobError(Answer):
    """What a job's last attempt met."""

    code: str
    title: str = ""
    detail: str = ""
    stage: str | None = None
    retryable: bool = False


class Stage(Answer):
    """A step of a job, and when it began."""

    stage: str
    started_at: datetime


class Job(Answer):
    """What a person waits for. `done` of `total` steps of the stage; `progress` is 0..1 over all."""

    job_id: str
    kind: str
    status: str
    attempt: int = 0
    stage: str | None = None
    done: int | None = None
    total: int | None = None
    progress: float | None = None
    stages: tuple[Stage, ...] = ()
    error: JobError | None = None
    created_at: datetime
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    revision: int = 0
    analysis_id: str | None = None
    video_id: str | None = None
    cancel_requested: bool = False

    @property
    def over(self) -> bool:
        """Whether the job has reached its final state."""
        return self.status in FINAL_STATUSES


class Artifact(Link):
    """A file that an analysis has made. `start_us` and `end_us`: of what is about a part of the video only."""

    name: str
    kind: str
    content_type: str | None = None
    size_bytes: int | None = None
    start_us: int | None = None
    end_us: int | None = None


class Analysis(Answer):
    """One analysis of a video: the state of its job, and its results once there are any.

    `artifacts` come only with a single analysis.
    """

    analysis_id: str
    video_id: str
    job_id: str | None = None
    status: str
    tier: str | None = None
    created_at: datetime
    analyser_version: int | None = None
    probe: Probe | None = None
    duration_us: int | None = None
    frames: int | None = None
    bad_packets: int | None = None
    partial: bool | str | None = None
    partial_reason: str | None = None
    scene_count: int | None = None
    text_count: int | None = None
    track_count: int | None = None
    text_coverage: TextCoverage | None = None
    pose_coverage: PoseCoverage | None = None
    score: Score | None = None
    labels: LabelSummary | None = None
    preview: Preview | None = None
    thumbnail: Link | None = None
    sprite: Link | None = None
    storyboard: Link | None = None
    artifacts: tuple[Artifact, ...] = ()
    error: JobError | None = None


class Video(Answer):
    """An object that was given for analysis. `original` comes only with a single video."""

    video_id: str
    filename: str | None = None
    content_type: str | None = None
    size_bytes: int | None = None
    bucket: str
    key: str
    created_at: datetime
    latest: Analysis | None = None
    original: Link | None = None


class Submitted(Answer):
    """What was started by an upload or a request for an analysis."""

    video_id: str
    analysis_id: str
    job_id: str


class UploadPart(Answer):
    """A range of the file, and where to put it."""

    number: int
    url: str
    offset_bytes: int
    size_bytes: int


class ReceivedPart(Answer):
    """A part that has arrived."""

    number: int
    etag: str
    size_bytes: int


class Upload(Answer):
    """An upload that was announced: where its bytes go, and what has arrived."""

    upload_id: str
    method: str
    url: str | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    parts: tuple[UploadPart, ...] = ()
    part_bytes: int | None = None
    expires_at: datetime | None = None
    state: str = "pending"
    received: tuple[ReceivedPart, ...] = ()
    video_id: str | None = None
    analysis_id: str | None = None
    job_id: str | None = None

    @property
    def submitted(self) -> Submitted | None:
        """What the upload started, once it is completed."""
        if not (self.video_id and self.analysis_id and self.job_id):
            return None
        return Submitted(video_id=self.video_id, analysis_id=self.analysis_id, job_id=self.job_id)


class Identity(Answer):
    """Whose key this is and what it may do."""

    tenant_id: str
    tenant_name: str
    role: str
    key_id: str


class Bucket(Answer):
    """A bucket that is linked to the tenant."""

    bucket: str
    linked_at: datetime


class Check(Answer):
    """Whether one thing that the API needs answers, and how fast."""

    ok: bool
    latency_ms: float | None = None
    detail: str | None = None


class Health(Answer):
    """How the API finds itself."""

    status: str
    version: str
    checks: dict[str, Check] = Field(default_factory=dict)


class Queue(Answer):
    """A queue's depth."""

    name: str
    visible: int
    in_flight: int
    delayed: int
    dead_letters: int | None = None


class QueuedMessage(Answer):
    """A message as it lies in a queue."""

    id: str
    type: str | None = None
    tenant_id: str | None = None
    job_id: str | None = None
    reason: str | None = None
    received_count: int | None = None
    sent_at: datetime | None = None
    body: object = None


class Redriven(Answer):
    """What a redrive did."""

    redriven: int
    jobs_retried: int
