"""Bots as clients write them and see them."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from sightglass_api.bots.origins import as_origins
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
_Provider = Field(
    default=None, description="Of the tenant's providers, the one that is asked before all others. Null: none is."
)
_Model = Annotated[
    _Text, Field(min_length=1, max_length=200, description="In place of the provider's own; needs a provider_id.")
]
_Prompt = Annotated[
    _Text, Field(max_length=8000, description="Told to the model behind our rules, which it cannot lift.")
]
_Temperature = Annotated[
    float, Field(ge=0, le=2, allow_inf_nan=False, description="In place of the provider's own. Null: that one.")
]
_Language = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$",
        description="Of answers that a model writes, as a tag: `de`, `pt-BR`. Null: that of the question.",
    ),
]
_Origins = Annotated[
    list[str],
    Field(max_length=100, description="Pages that may show it: `https://shop.example.com`, or localhost for trying."),
    AfterValidator(as_origins),
]


class NewBot(Asked):
    """A bot to make."""

    name: _Text = Field(min_length=1, max_length=100, description="Of the tenant's bots, only one has it.")
    description: _Text = Field(default="", max_length=2000)
    greeting: _Text = Field(default="", max_length=2000, description="What it says before it is asked.")
    dataset_ids: list[UUID] | None = _Datasets
    provider_id: UUID | None = _Provider
    model: _Model | None = None
    system_prompt: _Prompt = ""
    temperature: _Temperature | None = None
    language: _Language | None = None
    allowed_origins: _Origins = Field(default_factory=list[str])

    @model_validator(mode="after")
    def _has_a_provider_for_its_model(self) -> "NewBot":
        if self.model is not None and self.provider_id is None:
            raise ValueError("a model needs a provider_id")
        return self


class BotChanges(Asked):
    """What may be changed of a bot; what is left out stays."""

    name: _Text | None = Field(default=None, min_length=1, max_length=100)
    description: _Text | None = Field(default=None, max_length=2000)
    greeting: _Text | None = Field(default=None, max_length=2000)
    dataset_ids: list[UUID] | None = _Datasets
    provider_id: UUID | None = _Provider
    model: _Model | None = None
    system_prompt: _Prompt | None = None
    temperature: _Temperature | None = None
    language: _Language | None = None
    allowed_origins: _Origins | None = None


class BotVersion(BaseModel):
    """What a bot was told, at one time."""

    version: int = Field(description="From 1; a conversation keeps the one that it began with.")
    description: str
    greeting: str
    dataset_ids: list[UUID] | None
    provider_id: UUID | None = Field(description="It may be deleted by now: then the tenant's others are asked.")
    model: str | None
    system_prompt: str
    temperature: float | None
    language: str | None
    allowed_origins: list[str]
    created_at: datetime


class Bot(BotVersion):
    """A bot as it stands. created_at: of its newest version."""

    bot_id: UUID
    name: str
