"""Publishable keys as clients see them, and what visitors of a page send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from sightglass_api.bots.origins import as_origins
from sightglass_api.conversations.schemas import AskedTurn
from sightglass_api.routing import Asked


class NewPublishableKey(Asked):
    """A key for pages in the open."""

    origins: Annotated[list[str], AfterValidator(as_origins)] = Field(
        min_length=1, max_length=20, description="Of the pages; of those that the bot is for, if it names any."
    )
    questions_a_day: int = Field(
        default=1000, ge=1, le=1_000_000, description="How many all visitors may ask together in a day of UTC."
    )


class PublishableKey(BaseModel):
    """A key that anybody may see: it asks one bot, from these origins, and nothing else."""

    key_id: str
    key: str = Field(description="What pages carry: `sgp_...`.")
    bot_id: UUID
    origins: list[str]
    questions_a_day: int
    created_at: datetime


class PublishableKeys(BaseModel):
    """A bot's publishable keys that are not revoked, the newest first."""

    items: list[PublishableKey]


class Greeting(BaseModel):
    """What a visitor sees first."""

    name: str
    greeting: str


class Begun(AskedTurn):
    """A conversation that has begun, and its first question."""

    visitor_secret: str = Field(description="Goes with all that follows, as `X-Visitor-Secret`. It is not told again.")
