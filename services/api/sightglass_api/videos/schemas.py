"""Videos and what was found in them, as clients see them."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from sightglass_api.analyses.findings import ScorePart, TextCoverage
from sightglass_api.analyses.schemas import Analysis, AnalysisWithArtifacts, Artifact, Link
from sightglass_api.cursors import Page
from sightglass_api.jobs.schemas import JobStatus
from sightglass_api.scans.schemas import Severity, State
from sightglass_common.messages import Tier

Box: TypeAlias = Annotated[
    tuple[float, float, float, float],
    Field(description="x, y, width, height: 0..1 of the picture as shown, that is after rotation."),
]


class Video(BaseModel):
    """An object in one state, with its newest analysis."""

    video_id: UUID
    filename: str
    content_type: str
    size_bytes: int
    bucket: str
    key: str
    created_at: datetime
    latest: Analysis | None


class VideoWithOriginal(Video):
    """A video with a link to the object itself."""

    original: Link


class Boundary(BaseModel):
    """How a scene begins."""

    kind: Literal["start", "cut", "fade", "fade_in", "fade_out", "dissolve"]
    score: float = Field(description="0..1: how sure.")


class Motion(BaseModel):
    """What moves in a scene, and how fast, in shares of the frame's width or height a second."""

    kind: Literal["still", "camera", "object", "both"]
    mean: float
    p95: float


class Label(BaseModel):
    """A thing that a frame of a scene shows, as the provider of labels says."""

    name: str
    confidence: float = Field(description="0..1: as the provider has it; a language model's is a guess.")
    box: Box | None = Field(description="null where the provider does not say where.")
    t_us: int = Field(description="Of the frame.")


class Scene(BaseModel):
    """A stretch of a video; scenes tile it. Times are microseconds from the first frame.

    Of a preview a scene begins at the first key frame that shows it, and frames are not counted.
    """

    number: int
    start_us: int
    end_us: int
    first_frame: int | None
    last_frame: int | None
    boundary: Boundary
    keyframe_us: int | None
    thumbnail: Link | None
    motion: Motion | None = Field(description="null where motion was not looked at.")
    labels: list[Label] = Field(description="By time, the surest first; the analysis' `labels` says what has none.")


class OfAnalysis(BaseModel):
    """What one analysis found; without an analysis that has found something it is empty."""

    analysis_id: UUID | None


class Scenes(OfAnalysis, Page[Scene]):
    """A page of the scenes of one analysis; of a preview under way, those that it has found so far."""

    tier: Tier | None
    status: JobStatus | None = Field(description="Of the analysis.")


class Span(BaseModel):
    """Where a text stands on the screen for a while."""

    start_us: int
    end_us: int
    box: Box


class Text(BaseModel):
    """A line of text that the video shows, over all the frames that show it."""

    number: int
    start_us: int
    end_us: int
    text: str = Field(description="With a dot for each letter and each digit.")
    masked: Literal[True] = True
    confidence: float = Field(description="0..1: how sure the reading is.")
    spans: list[Span]


class ScreenFinding(BaseModel):
    """Something sensitive that a video shows. The value itself is kept nowhere."""

    finding_id: UUID
    detector: str
    severity: Severity
    confidence: float
    masked: str
    value_hash: str = Field(description="Keyed, in hex: the same value of this tenant has the same.")
    detail: str = Field(description="What was decoded of it: the account of an AWS key id. Empty for most.")
    state: State
    note: str
    start_us: int = Field(description="When it is seen first.")
    end_us: int = Field(description="When it was seen last.")
    spans: list[Span] = Field(description="Each time that it is seen, and where.")


class ScreenFindings(OfAnalysis, Page[ScreenFinding]):
    """A page of what is sensitive in the texts of one analysis."""

    scanned_at: datetime | None = Field(
        description="null until the texts were looked through, and where there are none: then nothing is known."
    )


class Texts(OfAnalysis, Page[Text]):
    """A page of the texts of one analysis."""

    coverage: TextCoverage | None = Field(description="null where no text was looked for.")


class Track(BaseModel):
    """Something that moves, from where it is first seen to where it is lost."""

    number: int
    method: Literal["motion", "pose"]
    label: str
    start_us: int
    end_us: int
    samples: int = Field(description="At how many moments its box is known.")
    bounds: Box = Field(description="The box around all of its boxes.")


class Tracks(OfAnalysis, Page[Track]):
    """A page of the tracks of one analysis."""


class VideoScore(OfAnalysis):
    """How the main subject moves, 0..100, with all that it was reckoned from: docs/score.md."""

    version: int | None = Field(description="Of the formula: scores of two versions do not compare.")
    total: float | None
    reason: str | None = Field(description="Why there is no total.")
    parts: list[ScorePart]


class Chunk(Link):
    """What to draw between two moments."""

    start_us: int
    end_us: int


class Overlay(OfAnalysis):
    """What to draw over the video. A stretch of time without a chunk has nothing to draw."""

    chunk_us: int | None = Field(description="How long a chunk is; the last may be shorter.")
    chunks: list[Chunk]
    next_us: int | None = Field(description="`from_us` of a request for the chunks that follow; null: there are none.")
    webvtt: Link | None = Field(description="The same for players that know WebVTT metadata cues.")


class Artifacts(OfAnalysis, Page[Artifact]):
    """A page of the files of one analysis."""


class WholeAnalysis(AnalysisWithArtifacts):
    """All that one analysis found: of each list the first page, whose `next_cursor` goes on at the video's own list,
    such as `/v1/videos/{video_id}/scenes?analysis_id=...&cursor=...`.
    """

    scenes: Scenes
    texts: Texts
    tracks: Tracks
