"""Searches as clients ask for them, and what is found."""

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from sightglass_api.datasets.schemas import is_storable
from sightglass_api.routing import Asked

# A question, not a document: more is cut by the embedder anyway.
MOST_QUERY_CHARS: Final = 4000
MOST_RESULTS: Final = 100


class NewSearch(Asked):
    """What to look for, and where."""

    query: Annotated[str, AfterValidator(is_storable)] = Field(min_length=1, max_length=MOST_QUERY_CHARS)
    dataset_ids: list[UUID] | None = Field(default=None, max_length=1000, description="Default: all of the tenant's.")
    k: int = Field(default=10, ge=1, le=MOST_RESULTS, description="How many are given at most.")


class Scores(BaseModel):
    """What each side of the search gave a segment; null where it is not among that side's best."""

    words: float | None = Field(description="BM25, from 0.")
    vectors: float | None = Field(description="Cosine of question and segment.")


class Result(BaseModel):
    """A segment that was found."""

    segment_id: str
    dataset_id: UUID
    document_id: UUID
    document_ref: str | None = Field(description="The caller's own id of the document.")
    title: str
    score: float = Field(description="0 to 1, of this search alone: both sides, each brought to 0 to 1, and weighed.")
    scores: Scores
    text: str = Field(description="Tokens such as `[US_SSN#1]` stand for what is sensitive.")
    locator: dict[str, Any] = Field(description="Where in the document it begins: page, line, sheet, row and the like.")


class Found(BaseModel):
    """What a search found, the best first."""

    query: str = Field(description="As it was searched for: without what is sensitive in it.")
    vectors: bool = Field(description="False where no embedding model is installed: words alone decided.")
    results: list[Result]
