"""What the API answers, typed. Fields that this version does not know are ignored.

Names and units are those of the API: `_us` is media time in microseconds, `_at` a moment, `_bytes` a size.
"""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

# A job in one of these does not change any more, unless it is retried.
FINAL_STATUSES: Final = frozenset({"done", "partial", "failed", "cancelled"})


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Link(_Answer):
    """A presigned address: whoever has it may read, until it expires."""

    url: str
    expires_at: datetime


class JobError(_Answer):
    """What a job's last attempt met."""

    code: str
    title: str = ""
    detail: str = ""
    stage: str | None = None
    retryable: bool = False


class Stage(_Answer):
    """A step of a job, and when it began."""

    stage: str
    started_at: datetime


class Job(_Answer):
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


class Probe(_Answer):
    """What the header of a video says. Width and height are in display orientation."""

    container: str | None = None
    codec: str | None = None
    profile: str | None = None
    pix_fmt: str | None = None
    bit_depth: int | None = None
    width: int | None = None
    height: int | None = None
    coded_width: int | None = None
    coded_height: int | None = None
    rotation: int | None = None
    sar: str | float | None = None
    frame_rate: float | None = None
    vfr: bool | None = None
    duration_us: int | None = None
    frames: int | None = None
    start_offset_us: int | None = None
    audio_streams: int | None = None
    size_bytes: int | None = None


class Artifact(Link):
    """A file that an analysis has made. `start_us` and `end_us`: of what is about a part of the video only."""

    name: str
    kind: str
    content_type: str | None = None
    size_bytes: int | None = None
    start_us: int | None = None
    end_us: int | None = None


class TextCoverage(_Answer):
    """How much of what the screens showed was read: looks in all, and what became of them."""

    looks: int = 0
    read: int = 0
    capped: int = 0
    failed: int = 0
    unread_us: int = 0


class Preview(_Answer):
    """How closely a preview looked: a scene begins at most `longest_gap_us` before its `start_us`."""

    key_frames: int = 0
    longest_gap_us: int = 0


class PoseCoverage(_Answer):
    """In how many pictures persons were looked for, and what became of them."""

    looks: int = 0
    found: int = 0
    failed: int = 0
    reason: str | None = None


class ScorePart(_Answer):
    """One measure of the score; null what could not be measured."""

    name: str
    raw: float | None = None
    reference: tuple[float, float] | None = None
    weight: float | None = None
    score: float | None = None
    from_us: int | None = None
    to_us: int | None = None
    samples: int | None = None


class Score(_Answer):
    """How the main subject moves, 0..100, or why there is no such number."""

    analysis_id: str | None = None
    version: int | None = None
    total: float | None = None
    reason: str | None = None
    parts: tuple[ScorePart, ...] = ()


class LabelSummary(_Answer):
    """What became of labelling the scenes, frame by frame; the counts that are no `labelled` are of frames without."""

    status: str
    reason: str | None = None
    labelled: int = 0
    cached: int = 0
    sent: int = 0
    calls: int = 0
    provider_refused: int = 0
    provider_unavailable: int = 0
    answer_unusable: int = 0
    picture_unreadable: int = 0
    text_not_looked_for: int = 0
    text_capped: int = 0
    text_failed: int = 0
    budget: int = 0

    @property
    def withheld(self) -> int:
        """Frames that were shown to nobody, as it is not known what text is on them."""
        return self.text_not_looked_for + self.text_capped + self.text_failed


class Analysis(_Answer):
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


class Video(_Answer):
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


class Boundary(_Answer):
    """Why a scene begins where it does."""

    kind: str
    score: float | None = None


class Motion(_Answer):
    """What moves in a scene: `still`, `camera`, `object` or `both`; and how fast, in shares of the frame a second."""

    kind: str
    mean: float | None = None
    p95: float | None = None


class Label(_Answer):
    """A thing that a frame of a scene shows, as a provider says; `box`: where, if it says so."""

    name: str
    confidence: float | None = None
    box: tuple[float, float, float, float] | None = None
    t_us: int


class Scene(_Answer):
    """A scene: from its first frame up to, and without, `end_us`."""

    number: int
    start_us: int
    end_us: int
    first_frame: int | None = None
    last_frame: int | None = None
    boundary: Boundary | None = None
    keyframe_us: int | None = None
    thumbnail: Link | None = None
    motion: Motion | None = None
    labels: tuple[Label, ...] = ()


class Scenes(_Answer):
    """The scenes of one analysis, and how and how far that is made; all None without any."""

    analysis_id: str | None = None
    tier: str | None = None
    status: str | None = None
    items: tuple[Scene, ...] = ()


class Span(_Answer):
    """Where a text stands for a while: x, y, width, height as shares of the picture as shown."""

    start_us: int
    end_us: int
    box: tuple[float, float, float, float]


class Text(_Answer):
    """A line of text that a video shows. `masked`: letters and digits are hidden."""

    number: int
    start_us: int
    end_us: int
    text: str
    masked: bool = False
    confidence: float | None = None
    spans: tuple[Span, ...] = ()


class Track(_Answer):
    """Something that moves. `bounds`: the box around all of its boxes; `samples`: how many there are."""

    number: int
    method: str
    label: str
    start_us: int
    end_us: int
    samples: int | None = None
    bounds: tuple[float, float, float, float] | None = None


class Chunk(Link):
    """What to draw over a video between two moments: JSON behind a link."""

    start_us: int
    end_us: int


class Overlay(_Answer):
    """What to draw over a video. `next_us`: from where to ask for the chunks that follow."""

    analysis_id: str | None = None
    chunk_us: int | None = None
    chunks: tuple[Chunk, ...] = ()
    next_us: int | None = None
    webvtt: Link | None = None


class Submitted(_Answer):
    """What was started by an upload or a request for an analysis."""

    video_id: str
    analysis_id: str
    job_id: str


class UploadPart(_Answer):
    """A range of the file, and where to put it."""

    number: int
    url: str
    offset_bytes: int
    size_bytes: int


class ReceivedPart(_Answer):
    """A part that has arrived."""

    number: int
    etag: str
    size_bytes: int


class Upload(_Answer):
    """An upload that was announced: where its bytes go, and what has arrived."""

    upload_id: str
    method: str
    url: str | None = None
    fields: dict[str, str] = {}
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


class Identity(_Answer):
    """Whose key this is and what it may do."""

    tenant_id: str
    tenant_name: str
    role: str
    key_id: str


class Bucket(_Answer):
    """A bucket that is linked to the tenant."""

    bucket: str
    linked_at: datetime


class Check(_Answer):
    """Whether one thing that the API needs answers, and how fast."""

    ok: bool
    latency_ms: float | None = None
    detail: str | None = None


class Health(_Answer):
    """How the API finds itself."""

    status: str
    version: str
    checks: dict[str, Check] = {}


class Queue(_Answer):
    """A queue's depth."""

    name: str
    visible: int
    in_flight: int
    delayed: int
    dead_letters: int | None = None


class QueuedMessage(_Answer):
    """A message as it lies in a queue."""

    id: str
    type: str | None = None
    tenant_id: str | None = None
    job_id: str | None = None
    reason: str | None = None
    received_count: int | None = None
    sent_at: datetime | None = None
    body: object = None


class Redriven(_Answer):
    """What a redrive did."""

    redriven: int
    jobs_retried: int
