"""Videos of datasets as clients write them and see them."""

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from sightglass_api.routing import Asked


class AddedVideos(Asked):
    """Videos to add to a dataset."""

    videos: Literal["all"] | list[UUID] = Field(
        min_length=1, max_length=1000, description="`all`: those of the tenant, also those that are analysed later."
    )


class VideosBegun(BaseModel):
    """What the adding of videos has begun."""

    source_id: UUID
    job_id: UUID = Field(description="Done when all that was analysed of them can be found.")


class VideoState(StrEnum):
    """What has become of a video in a dataset. `waiting`: it has no exact result yet, or that was not read yet."""

    WAITING = "waiting"
    READ = "read"
    READY = "ready"
    SKIPPED = "skipped"


class DatasetVideo(BaseModel):
    """A video that a dataset holds."""

    video_id: UUID
    filename: str
    status: VideoState
    reason: str | None = Field(description="Why it was skipped.")
    document_id: UUID | None = Field(description="The document that it is, once it was read.")
    analysis_id: UUID | None = Field(description="Of the analysis that was read.")
    segments: int
