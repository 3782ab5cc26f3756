"""Questions with what answers them, and how well a search finds it."""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, Field

from sightglass_api.datasets.schemas import is_storable
from sightglass_api.routing import Asked
from sightglass_api.search.schemas import MOST_QUERY_CHARS

# What half a minute is enough for, at 10,000 segments.
MOST_QUESTIONS: Final = 300
_MOST_GRADE: Final = 100
_Text = Annotated[str, AfterValidator(is_storable)]


def _has_an_answer(relevant: dict[str, int]) -> dict[str, int]:
    if not any(relevant.values()):
        raise ValueError("has no document that is relevant")
    return relevant


class JudgedQuestion(Asked):
    """A question, and which documents answer it."""

    question: _Text = Field(min_length=1, max_length=MOST_QUERY_CHARS)
    relevant: Annotated[dict[_Text, Annotated[int, Field(ge=0, le=_MOST_GRADE)]], AfterValidator(_has_an_answer)] = (
        Field(
            max_length=1000,
            description="Of each `document_ref` how well it answers: 0, not at all, and more. Without one, our id.",
        )
    )


class NewEvaluation(Asked):
    """Questions to try."""

    questions: list[JudgedQuestion] = Field(min_length=1, max_length=MOST_QUESTIONS)


class Quality(BaseModel):
    """How well one way of searching does, the mean of all questions."""

    ndcg_at_10: float = Field(
        description="0 to 1: the grades of the first ten documents beside the best ten there are."
    )
    recall_at_10: float = Field(description="0 to 1: the share of relevant documents that is among the first ten.")
    p50_ms: float = Field(description="Of the search alone, its vector made before.")
    p95_ms: float


class Evaluation(BaseModel):
    """How well a dataset is searched: by words, by vectors, and by both, as searches go."""

    questions: int
    words: Quality
    vectors: Quality | None = Field(description="Null where no embedding model is installed.")
    both: Quality | None
    missing: int = Field(description="Relevant documents that the dataset does not have: each is counted as not found.")
