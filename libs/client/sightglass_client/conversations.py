"""What the API answers of conversations: turns, their answers and citations, and the events of an answer, typed."""

from datetime import datetime
from typing import TypeAlias

from pydantic import field_validator

from sightglass_client.answer import Answer, Link
from sightglass_client.datasets import Source
from sightglass_client.models import FINAL_STATUSES, JobError
from sightglass_client.places import place_of


class Conversation(Answer):
    """Questions and their answers. dataset_ids: what they are answered from; None: all of the tenant's.

    bot_id: with whom, if with any; bot_version: as it was then.
    """

    conversation_id: str
    title: str = ""
    bot_id: str | None = None
    bot_version: int | None = None
    dataset_ids: tuple[str, ...] | None = None
    created_at: datetime


class StartedTurn(Answer):
    """A question that was put, and its job."""

    turn_id: str
    conversation_id: str
    job_id: str


class Citation(Source):
    """Where something of an answer stands, which marks it as `[n]`. snippet: what it is taken from, shortened.

    Of a video: when it is seen, in microseconds, in which scene, where on the screen (x, y, width, height, as shares of
    the picture), and the scene's picture.
    """

    n: int
    snippet: str = ""
    video_id: str | None = None
    analysis_id: str | None = None
    scene: int | None = None
    start_us: int | None = None
    end_us: int | None = None
    box: tuple[float, float, float, float] | None = None
    thumbnail: Link | None = None

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        if self.video_id is None:
            return super().place
        return place_of({"kind": "video", "start_us": self.start_us, "end_us": self.end_us})


class Feedback(Answer):
    """What was said of an answer: `up` or `down`, and which document answers best."""

    thumb: str
    document_id: str | None = None
    note: str = ""
    at: datetime


class Turn(Answer):
    """A question and what became of it.

    question: without what is sensitive in it. answered: whether anything in the tenant's data answers it; None before
    that is known. generated: whether a model wrote the answer; else it is the sources' own words. answer: None also
    once a document that it cites is deleted. citations: without those of deleted documents.
    """

    turn_id: str
    question: str
    status: str
    answer: str | None = None
    generated: bool = False
    answered: bool | None = None
    citations: tuple[Citation, ...] = ()
    error: JobError | None = None
    feedback: Feedback | None = None
    created_at: datetime
    finished_at: datetime | None = None

    @field_validator("citations", mode="before")
    @classmethod
    def _without_deleted(cls, told: list[dict[str, object]]) -> list[dict[str, object]]:
        return [one for one in told if not one.get("deleted")]

    @property
    def over(self) -> bool:
        """Whether it has reached its final state."""
        return self.status in FINAL_STATUSES


class RetrievedSegment(Source):
    """What is near to a question."""

    score: float


class Retrieval(Answer):
    """What is nearest to a question, the best first. withheld: how many documents were not looked at."""

    results: tuple[RetrievedSegment, ...] = ()
    withheld: int = 0


class Delta(Answer):
    """The next characters of an answer."""

    text: str


class Reset(Answer):
    """What came of the answer is void: it begins anew."""


class Usage(Answer):
    """What an answer took of which model; the extractive one takes no tokens.

    generated: whether a model wrote it. reason: why none of the tenant's providers did, if there are any.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    model: str
    generated: bool = False
    reason: str | None = None


class Done(Answer):
    """The answer is whole."""

    answered: bool


# What comes of a turn, in this order; after a reset it comes anew.
TurnEvent: TypeAlias = Retrieval | Delta | Reset | Citation | Usage | Done
