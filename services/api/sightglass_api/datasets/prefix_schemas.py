"""Prefixes of buckets that datasets are kept in step with, as clients write them and see them."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from sightglass_api.analyses.schemas import BUCKET, is_key
from sightglass_api.jobs.schemas import JobError
from sightglass_api.routing import Asked

_MAX_KEY: Final = 1024  # S3's own limit, in bytes
_LEAST_MINUTES: Final = 5
_MOST_MINUTES: Final = 60 * 24 * 31
_Pattern = Annotated[str, AfterValidator(is_key), Field(min_length=1, max_length=_MAX_KEY)]
_EVERY: Final = "How many minutes after the beginning of a sync the next one begins. null: none begins by itself."


class NewPrefix(Asked):
    """Objects of a bucket that is linked to the tenant: each becomes a source of documents, as an upload does."""

    bucket: str = Field(pattern=BUCKET)
    prefix: Annotated[str, AfterValidator(is_key)] = Field(default="", max_length=_MAX_KEY)
    include: list[_Pattern] = Field(
        default=[], max_length=100, description="Shell patterns of whole keys: `*` is any text. Empty: all."
    )
    exclude: list[_Pattern] = Field(default=[], max_length=100, description="Patterns of keys to leave out.")
    every_minutes: int | None = Field(default=60, ge=_LEAST_MINUTES, le=_MOST_MINUTES, description=_EVERY)


class PrefixChanges(Asked):
    """What may be changed of a prefix."""

    every_minutes: int | None = Field(ge=_LEAST_MINUTES, le=_MOST_MINUTES, description=_EVERY)


class PrefixBegun(BaseModel):
    """A prefix that was added."""

    prefix_id: UUID
    job_id: UUID = Field(description="Of its first sync.")


class SyncBegun(BaseModel):
    """A sync."""

    job_id: UUID = Field(description="Done when all is listed, and the reading of what is new or changed has begun.")


class Sync(BaseModel):
    """The newest sync of a prefix. `listed` is the sum of those that follow, but for `removed`."""

    job_id: UUID
    status: str = Field(description="As of its job. Only one that is `done` has removed anything.")
    listed: int
    new: int
    changed: int = Field(description="Another ETag or size than what was read.")
    retried: int = Field(description="As before, but what kept it from being read may be over.")
    unchanged: int = Field(description="Not read again.")
    skipped: dict[str, int] = Field(description="Not read, by reason.")
    removed: int = Field(description="Not listed any more: their documents are gone.")
    started_at: datetime | None
    finished_at: datetime | None
    error: JobError | None


class Prefix(BaseModel):
    """A prefix of a bucket that a dataset is kept in step with."""

    prefix_id: UUID
    dataset_id: UUID
    bucket: str
    prefix: str
    include: list[str]
    exclude: list[str]
    every_minutes: int | None
    next_at: datetime | None = Field(description="When the next sync begins.")
    synced_at: datetime | None = Field(description="When one last came to its end.")
    sync: Sync
    objects: int = Field(description="All that are sources of the dataset now.")
    reading: int = Field(description="Those whose reading is not over.")
    failed: int = Field(description="Those whose last reading has ended without a document that is found.")
    documents: int
    ready: int
    skipped: int
    withheld: int
    created_at: datetime
