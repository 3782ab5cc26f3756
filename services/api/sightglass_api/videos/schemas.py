"""Videos and their scenes as clients see them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from sightglass_api.analyses.schemas import Analysis, Link
from sightglass_api.cursors import Page


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

    kind: Literal["start", "cut", "fade"]
    score: float = Field(description="0..1: how sure.")


class Scene(BaseModel):
    """A stretch of a video; scenes tile it. Times are microseconds from the first frame."""

    number: int
    start_us: int
    end_us: int
    first_frame: int
    last_frame: int
    boundary: Boundary
    keyframe_us: int | None
    thumbnail: Link | None


class Scenes(Page[Scene]):
    """A page of the scenes of one analysis; without a finished one there are none, and `analysis_id` is null."""

    analysis_id: UUID | None
