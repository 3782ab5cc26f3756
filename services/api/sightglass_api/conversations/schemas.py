"""Conversations and turns as clients write them and see them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from sightglass_api.analyses.schemas import Link
from sightglass_api.datasets.schemas import is_storable
from sightglass_api.feedback.schemas import Feedback
from sightglass_api.jobs.schemas import JobError, JobStatus
from sightglass_api.routing import Asked
from sightglass_api.search.schemas import MOST_QUERY_CHARS


class NewConversation(Asked):
    """A conversation to begin."""

    title: Annotated[str, AfterValidator(is_storable)] = Field(
        default="", max_length=200, description="Default: the first question."
    )
    dataset_ids: list[UUID] | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="Where answers come from. Default: all of the tenant's.",
    )
    bot_id: UUID | None = Field(default=None, description="Whose datasets answers come from, as it stands now.")

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if self.bot_id is not None and self.dataset_ids is not None:
            raise ValueError("has dataset_ids beside bot_id: a bot has datasets of its own")
        return self


class ConversationChanges(Asked):
    """What may be changed of a conversation."""

    title: Annotated[str, AfterValidator(is_storable)] = Field(min_length=1, max_length=200)


class Conversation(BaseModel):
    """A conversation of the caller's key; no other key sees it."""

    conversation_id: UUID
    title: str
    bot_id: UUID | None
    bot_version: int | None = Field(description="The bot's, when the conversation began: it keeps to that.")
    dataset_ids: list[UUID] | None
    created_at: datetime


class NewTurn(Asked):
    """A question."""

    question: Annotated[str, AfterValidator(is_storable)] = Field(min_length=1, max_length=MOST_QUERY_CHARS)


class AskedTurn(BaseModel):
    """A question that was taken."""

    turn_id: UUID
    conversation_id: UUID
    job_id: UUID


class Citation(BaseModel):
    """A segment that sentences of an answer are from."""

    n: int = Field(description="As it stands behind them: `[n]`.")
    segment_id: str
    dataset_id: UUID
    document_id: UUID
    document_ref: str | None
    title: str
    origin: str | None = Field(
        default=None, description="Of an object of a prefix its address, redacted: `s3://bucket/key`."
    )
    locator: dict[str, Any]
    snippet: str = Field(description="What stands there, from the first of these sentences on.")
    video_id: UUID | None = Field(default=None, description="Of what a video shows, as all that is below.")
    analysis_id: UUID | None = None
    scene: int | None = Field(default=None, description="Its number in the analysis.")
    start_us: int | None = Field(default=None, description="When what is cited is first seen.")
    end_us: int | None = None
    box: tuple[float, float, float, float] | None = Field(
        default=None, description="Where on the screen: x, y, width and height, as shares of the picture."
    )
    thumbnail: Link | None = Field(default=None, description="The scene's picture.")


class Usage(BaseModel):
    """What has written an answer, and what that took."""

    model: str = Field(description="Of the provider; `sightglass/extractive` when none has written it.")
    generated: bool
    input_tokens: int
    output_tokens: int
    reason: (
        Literal["provider_gone", "provider_unavailable", "provider_refused", "answer_unusable", "budget_spent"] | None
    ) = Field(description="Why no provider has written it; of the last that was asked.")


class DeletedCitation(BaseModel):
    """Where sentences of an answer stood that was withheld, as their document was deleted."""

    n: int
    deleted: Literal[True]


class Turn(BaseModel):
    """A question and what was answered."""

    turn_id: UUID
    question: str = Field(description="As it was stored: without what is sensitive in it.")
    status: JobStatus
    answered: bool | None = Field(description="False: nothing in the datasets answers it. Null before it is done.")
    answer: str | None = Field(
        description="Null before it is done, and once a document is deleted that it cites or a model has written it of."
    )
    generated: bool = Field(
        description="True: a model has written it. False: it is sentences of the sources, word for word."
    )
    usage: Usage | None = Field(description="What has written it. Null before it is done.")
    citations: list[Citation | DeletedCitation]
    error: JobError | None
    feedback: Feedback | None = Field(description="What was said of the answer.")
    created_at: datetime
    finished_at: datetime | None
