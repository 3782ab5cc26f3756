"""Analyses as clients ask for them and see them."""

import re
from datetime import datetime
from typing import Annotated, Final, Literal, cast
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from sightglass_api.analyses.findings import LabelSummary, PoseCoverage, Preview, Score, TextCoverage
from sightglass_api.jobs.schemas import JobError, JobStatus
from sightglass_common.messages import Tier

BUCKET: Final = r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"
_MAX_KEY_BYTES: Final = 1024  # S3's own limit
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> str:
    """Check a text that is kept. Raises ValueError."""
    # A surrogate has no UTF-8, and Postgres keeps no NUL.
    if _UNSTORABLE.search(text):
        raise ValueError("has a character that is none of a text")
    return text


def is_key(key: str) -> str:
    """Check a key of S3. Raises ValueError."""
    is_storable(key)
    if len(key.encode()) > _MAX_KEY_BYTES:
        raise ValueError(f"has more than {_MAX_KEY_BYTES} bytes")
    return key


class Wanted(BaseModel):
    """How an analysis is to be made."""

    tier: Tier = Field(
        default="exact",
        description="`exact` looks at every frame. `preview` looks at key frames alone, at a fraction of the cost: its "
        "scenes are seen while it runs, and shown until there is an exact result; it finds no texts and no motion.",
    )


class NewAnalysis(Wanted):
    """An object to analyse, in a bucket that is linked to the tenant."""

    bucket: str = Field(pattern=BUCKET)
    key: Annotated[str, AfterValidator(is_key)] = Field(min_length=1, max_length=_MAX_KEY_BYTES)
    version_id: str | None = Field(default=None, pattern=r"^[\x21-\x7e]{1,1024}$", description="Default: the newest.")


class Submitted(BaseModel):
    """What was begun."""

    video_id: UUID
    analysis_id: UUID
    job_id: UUID


class Link(BaseModel):
    """An address that works without a key, and with Range, until `expires_at`."""

    model_config = ConfigDict(from_attributes=True)

    url: str
    expires_at: datetime


class Artifact(Link):
    """A file that an analysis has made."""

    name: str
    kind: Literal["sprite", "storyboard", "overlay", "overlay_vtt", "tracks"]
    content_type: str
    size_bytes: int | None = Field(description="null where it was not noted.")
    start_us: int | None = Field(description="Of what shows a part of the video only, as a chunk of an overlay.")
    end_us: int | None


def _count(streams: object) -> object:
    """The worker keeps what each stream is."""
    return len(cast("list[object]", streams)) if isinstance(streams, list) else streams


class Probe(BaseModel):
    """What the file says of itself."""

    container: str
    codec: str
    profile: str | None
    pix_fmt: str | None
    bit_depth: int | None
    width: int = Field(description="As shown, that is after rotation.")
    height: int
    coded_width: int
    coded_height: int
    rotation: int
    sar: str | None = Field(description="Sample aspect ratio, `num:den`.")
    frame_rate: float | None = Field(description="Average, in frames per second.")
    vfr: bool | None = Field(description="Whether the frame rate varies; null when not known.")
    duration_us: int | None = Field(description="As the header says.")
    frames: int | None = Field(description="As the header says.")
    start_offset_us: int
    audio_streams: Annotated[int, BeforeValidator(_count)] = Field(description="How many.")
    size_bytes: int


class Analysis(BaseModel):
    """One analysis of a video; the result is whole when its status is done or partial."""

    analysis_id: UUID
    video_id: UUID
    job_id: UUID
    status: JobStatus
    tier: Tier
    created_at: datetime
    analyser_version: int | None = Field(description="Of the code that found this: a newer one may find more.")
    probe: Probe | None
    duration_us: int | None = Field(description="As decoded; of a preview, as the header says.")
    frames: int | None = Field(description="null of a preview, which does not count them.")
    bad_packets: int | None
    partial: bool | None
    partial_reason: str | None = Field(description="Why not all of the video was looked at.")
    scene_count: int
    text_count: int
    track_count: int
    text_coverage: TextCoverage | None = Field(description="null where no text was looked for.")
    pose_coverage: PoseCoverage | None = Field(description="null where no poses were looked for.")
    score: Score | None = Field(description="null where none was made.")
    labels: LabelSummary | None = Field(description="null before there is a result, and of an older worker.")
    preview: Preview | None = Field(description="Of a preview that is over.")
    thumbnail: Link | None = Field(description="Of the first scene.")
    sprite: Link | None
    storyboard: Link | None = Field(
        description="WebVTT as it was made: it names sprite.jpg. /storyboard.vtt has links."
    )
    error: JobError | None


class AnalysisWithArtifacts(Analysis):
    """An analysis with its files, but for those of a part of the video: a long one has hundreds."""

    artifacts: list[Artifact]
