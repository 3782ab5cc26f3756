"""What agents ask tools for, and what only a tool gives. No field names a tenant: that is the key's alone."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from sightglass_api import cursors
from sightglass_api.bots.schemas import Bot
from sightglass_api.conversations.schemas import Citation
from sightglass_api.datasets.schemas import is_storable
from sightglass_api.routing import Asked
from sightglass_api.search.schemas import MOST_QUERY_CHARS, MOST_RESULTS

_Text = Annotated[str, AfterValidator(is_storable)]


class SearchSegments(Asked):
    """What to look for."""

    query: _Text = Field(min_length=1, max_length=MOST_QUERY_CHARS, description="A question, or words.")
    dataset_ids: list[UUID] | None = Field(default=None, max_length=1000, description="Default: all datasets.")
    k: int = Field(default=10, ge=1, le=MOST_RESULTS, description="How many segments are given at most.")


class GetSegment(Asked):
    """Which segment."""

    segment_id: _Text = Field(max_length=100, description="As a search or a citation names it.")


class ListBots(Asked):
    """Nothing is asked for."""


class AskBot(Asked):
    """A question, and to whom."""

    bot: _Text = Field(min_length=1, max_length=100, description="A bot's name, as list_bots has it.")
    question: _Text = Field(min_length=1, max_length=MOST_QUERY_CHARS)


class ScanStatus(Asked):
    """Which scan."""

    scan_id: UUID


class ListFindings(Asked):
    """Which findings."""

    scan_id: UUID | None = Field(default=None, description="Default: of all scans, the newest first.")
    detector: _Text | None = Field(default=None, max_length=100, description="A detector's id, such as `us-ssn`.")
    limit: int = Field(default=50, ge=1, le=cursors.MOST)
    cursor: str | None = Field(default=None, max_length=1024, description="Where the page before ended.")


class Bots(BaseModel):
    """The bots that can be asked, the newest first."""

    bots: list[Bot]


class Answered(BaseModel):
    """What a bot has answered."""

    answer: str = Field(description="`[n]` stands behind what is from the citation of that number.")
    generated: bool = Field(description="False: sentences of the sources, word for word, that no model has written.")
    citations: list[Citation]
    conversation_id: UUID = Field(description="Where the question and its answer are kept.")
