"""Searches as clients ask for them, and what is found."""

from enum import StrEnum
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, FiniteFloat, model_validator

from sightglass_api.datasets.schemas import is_storable
from sightglass_api.routing import Asked
from sightglass_common.search_filters import Filters

# A question, not a document: more is cut by the embedder anyway.
MOST_QUERY_CHARS: Final = 4000
MOST_RESULTS: Final = 100


MOST_WANTED: Final = 1000
_MOST_US: Final = 2**53


_Text = Annotated[str, AfterValidator(is_storable)]


class Group(StrEnum):
    """What one result is of: a segment, or a document, of which its best segment is given."""

    SEGMENT = "segment"
    DOCUMENT = "document"


class SearchFilters(Asked):
    """What a result has to be of. Each that is given must hold; of a list, one."""

    document_ids: list[UUID] | None = Field(default=None, max_length=MOST_WANTED)
    document_refs: list[_Text] | None = Field(default=None, max_length=MOST_WANTED, description="The caller's own ids.")
    source_ids: list[UUID] | None = Field(
        default=None, max_length=MOST_WANTED, description="Of the files they came with."
    )
    video_ids: list[UUID] | None = Field(default=None, max_length=MOST_WANTED)
    from_us: int | None = Field(
        default=None, ge=0, le=_MOST_US, description="Microseconds: what a video shows after. Text has no time."
    )
    to_us: int | None = Field(default=None, ge=0, le=_MOST_US, description="Microseconds: what a video shows before.")
    metadata: dict[_Text, _Text | bool | int | FiniteFloat] | None = Field(
        default=None, max_length=100, description="What the document's metadata has to hold."
    )

    @model_validator(mode="after")
    def _a_time_that_there_is(self) -> Self:
        if self.from_us is not None and self.to_us is not None and self.from_us >= self.to_us:
            raise ValueError("to_us is not after from_us")
        return self

    def wanted(self) -> Filters | None:
        """As a search takes them; None where there are none."""
        given = self.model_dump(exclude_none=True)
        return Filters(**given) if given else None


class NewSearch(Asked):
    """What to look for, and where."""

    query: _Text = Field(min_length=1, max_length=MOST_QUERY_CHARS)
    dataset_ids: list[UUID] | None = Field(default=None, max_length=1000, description="Default: all of the tenant's.")
    k: int = Field(default=10, ge=1, le=MOST_RESULTS, description="How many are given at most.")
    filters: SearchFilters = SearchFilters()
    group: Group = Field(default=Group.SEGMENT, description="`document`: of each document only its best segment.")


class Scores(BaseModel):
    """What each side of the search gave a segment; null where it is not among that side's best."""

    words: float | None = Field(description="BM25, from 0.")
    vectors: float | None = Field(description="Cosine of question and segment.")


class Segment(BaseModel):
    """A part of a document."""

    segment_id: str
    dataset_id: UUID
    document_id: UUID
    document_ref: str | None = Field(description="The caller's own id of the document.")
    title: str
    origin: str | None = Field(description="Of an object of a prefix its address, redacted: `s3://bucket/key`.")
    text: str = Field(description="Tokens such as `[US_SSN#1]` stand for what is sensitive.")
    locator: dict[str, Any] = Field(description="Where in the document it begins: page, line, sheet, row and the like.")


class Result(Segment):
    """A segment that was found."""

    score: float = Field(description="0 to 1, of this search alone: both sides, each brought to 0 to 1, and weighed.")
    scores: Scores


class Found(BaseModel):
    """What a search found, the best first."""

    query: str = Field(description="As it was searched for: without what is sensitive in it.")
    vectors: bool = Field(description="False where no embedding model is installed: words alone decided.")
    withheld: int = Field(
        description="How many documents were not looked at: what is looked for has grown since they were redacted, and "
        "they are read anew."
    )
    results: list[Result]
