"""Bots as clients write them and see them."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from sightglass_api.datasets.schemas import is_storable
from sightglass_api.routing import Asked

MOST_DATASETS: Final = 1000
_Text = Annotated[str, AfterValidator(is_storable)]
_Datasets = Field(
    default=None,
    min_length=1,
    max_length=MOST_DATASETS,
    description="Where answers come from. Null: all of the tenant's, also those of later.",
)


class NewBot(Asked):
    """A bot to make."""

    name: _Text = Field(min_length=1, max_length=100, description="Of the tenant's bots, only one has it.")
    description: _Text = Field(default="", max_length=2000)
    greeting: _Text = Field(default="", max_length=2000, description="What it says before it is asked.")
    dataset_ids: list[UUID] | None = _Datasets


class BotChanges(Asked):
    """What may be changed of a bot; what is left out stays."""

    name: _Text | None = Field(default=None, min_length=1, max_length=100)
    description: _Text | None = Field(default=None, max_length=2000)
    greeting: _Text | None = Field(default=None, max_length=2000)
    dataset_ids: list[UUID] | None = _Datasets


class BotVersion(BaseModel):
    """What a bot was told, at one time."""

    version: int = Field(description="From 1; a conversation keeps the one that it began with.")
    description: str
    greeting: str
    dataset_ids: list[UUID] | None
    created_at: datetime


class Bot(BotVersion):
    """A bot as it stands. created_at: of its newest version."""

    bot_id: UUID
    name: str
