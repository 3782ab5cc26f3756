"""What all answers of the API are."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Fields that this version does not know are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Link(Answer):
    """A presigned address: whoever has it may read, until it expires."""

    url: str
    expires_at: datetime
