"""Uploads as clients announce them and see them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from sightglass_api.names import is_filename
from sightglass_common.filenames import MAX_CHARS

# type/subtype of RFC 6838 with the parameters of RFC 9110, in printable ASCII.
_MEDIA_TYPE = r"^[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}( ?;[\x20-\x7e]*)?$"


class NewUpload(BaseModel):
    """An object that is to come."""

    filename: Annotated[str, AfterValidator(is_filename)] = Field(min_length=1, max_length=MAX_CHARS)
    content_type: str = Field(pattern=_MEDIA_TYPE, max_length=255)
    # Strict: a size in quotes or with a fraction is a client's mistake.
    size_bytes: int = Field(ge=0, strict=True, description="Exactly; an empty object is taken, and its job fails.")


class UploadState(StrEnum):
    """What has become of an upload."""

    PENDING = "pending"
    COMPLETED = "completed"
    EXPIRED = "expired"


class Part(BaseModel):
    """A range of the object, to be sent by PUT."""

    number: int
    url: str
    offset_bytes: int
    size_bytes: int


class Received(BaseModel):
    """A part that S3 has."""

    number: int
    etag: str
    size_bytes: int


class Instructions(BaseModel):
    """How to send the object: a form to post (its `fields` first, `file` last), or parts to put."""

    upload_id: UUID
    method: Literal["post", "multipart"]
    url: str | None
    fields: dict[str, str]
    parts: list[Part]
    part_bytes: int | None
    expires_at: datetime = Field(description="Until then the upload must be completed.")
    links_expire_at: datetime | None = Field(description="`GET /v1/uploads/{upload_id}` gives fresh links.")


class Upload(Instructions):
    """An upload as it stands; links only while it is pending."""

    state: UploadState
    received: list[Received] = Field(description="Of a multipart upload, the parts that need not be sent again.")
    video_id: UUID | None
    analysis_id: UUID | None
    job_id: UUID | None
    dataset_id: UUID | None = Field(description="Of what it is for; null: it is a video.")
    source_id: UUID | None
