"""Feedback as clients write it and see it."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictInt

from sightglass_api.datasets.schemas import is_storable
from sightglass_api.routing import Asked

Thumb: TypeAlias = Literal["up", "down"]
_MOST_NOTE_CHARS = 2000


class NewFeedback(Asked):
    """What is to be said of an answer; it takes the place of what was said before."""

    thumb: Thumb
    source: Annotated[StrictInt, Field(ge=1)] | UUID | None = Field(
        default=None, description="What answers best: the number of one of the answer's citations, or a document's id."
    )
    note: Annotated[str, AfterValidator(is_storable)] = Field(default="", max_length=_MOST_NOTE_CHARS)


class Feedback(BaseModel):
    """What was said of an answer, by who asked."""

    thumb: Thumb
    document_id: UUID | None = Field(description="What answers best; null also once that is deleted.")
    note: str = Field(description="Without what is sensitive in it. Empty once a document is deleted that it is about.")
    at: datetime
