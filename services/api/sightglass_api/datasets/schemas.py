"""Datasets and documents as clients write them and see them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from sightglass_api.datasets.languages import CONFIGURATIONS
from sightglass_api.detect.schemas import is_unicode
from sightglass_api.routing import Asked


def _is_language(name: str) -> str:
    if name not in CONFIGURATIONS:
        message = f"is none of {', '.join(CONFIGURATIONS)}"
        raise ValueError(message)
    return name


def is_storable(text: str) -> str:
    """A text that Postgres can keep, or ValueError."""
    if "\0" in text:
        raise ValueError("has a character that cannot be stored")
    return is_unicode(text)


_Text = Annotated[str, AfterValidator(is_storable)]


class DatasetChanges(Asked):
    """What may be changed of a dataset; what is left out stays."""

    name: _Text | None = Field(default=None, min_length=1, max_length=200)
    description: _Text | None = Field(default=None, max_length=2000)


class NewDataset(Asked):
    """A dataset to make."""

    name: _Text = Field(min_length=1, max_length=200, description="Of the tenant's datasets, only one has it.")
    description: _Text = Field(default="", max_length=2000)
    language: Annotated[str, AfterValidator(_is_language)] = Field(
        default="en",
        description="ISO 639-1 of most of its documents: how words are brought to their stems. `simple`: not at all.",
    )


class Dataset(BaseModel):
    """A dataset as it stands."""

    dataset_id: UUID
    name: str
    description: str
    language: str
    all_videos: bool = Field(description="Whether it holds the tenant's videos, also those to come.")
    documents: int = Field(description="All of them, whatever has become of each.")
    segments: int = Field(description="How many parts of documents can be found.")
    withheld: int = Field(description="How many documents are not searched until they are read anew.")
    created_at: datetime


class DocumentStatus(StrEnum):
    """What has become of a document. `read`: it is redacted, and waits to be made searchable."""

    QUEUED = "queued"
    READ = "read"
    READY = "ready"
    SKIPPED = "skipped"
    FAILED = "failed"


class Document(BaseModel):
    """A document as it stands."""

    document_id: UUID
    dataset_id: UUID
    source_id: UUID = Field(description="Of the file that it came with.")
    document_ref: str | None = Field(description="The caller's own id.")
    title: str
    metadata: dict[str, Any]
    status: DocumentStatus
    reason: str | None = Field(description="Why it was skipped, or `partly`: some of it could not be read.")
    detail: str
    redactions: int = Field(description="How many values were replaced before anything was indexed.")
    segments: int
    detectors: str | None = Field(description="Names the detectors and the readers that it was last redacted with.")
    threshold: float | None = Field(description="Values found with this confidence or more were replaced.")
    withheld: bool = Field(description="Whether it is not searched until it is read anew.")
    withheld_reason: Literal["settings_changed", "detectors_changed"] | None = Field(
        description="What has grown since it was redacted: what the tenant looks for, or what the detectors find."
    )
    created_at: datetime
    indexed_at: datetime | None


class Source(BaseModel):
    """A file that documents came with. A document is counted where it came from last."""

    source_id: UUID
    dataset_id: UUID
    job_id: UUID = Field(description="Of its reading, the last one.")
    filename: str = Field(description="Of an object of a prefix its address, redacted.")
    content_type: str
    size_bytes: int
    state: str = Field(description="As of its job; or `deleting`.")
    documents: int
    ready: int
    skipped: int
    withheld: int
    created_at: datetime


class ReadingBegun(BaseModel):
    """What is read anew."""

    job_id: UUID = Field(
        description="Of a source: done when what it says now can be found. Of a dataset: done when "
        "the readings of all of its sources have begun."
    )


class IndexingBegun(BaseModel):
    """What the completion of a dataset's upload has begun."""

    source_id: UUID
    job_id: UUID = Field(description="Done when all of it can be found.")
    document_ids: list[UUID] = Field(
        description="Of JSON Lines none: each line becomes a document of its own, which `document_ref` finds."
    )
