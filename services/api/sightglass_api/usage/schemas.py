"""Prices as clients write them, and sums of the ledger as they see them."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from sightglass_api.datasets.schemas import is_storable
from sightglass_api.routing import Asked

_MOST_NUMBER: Final = 2**53
Limit = Annotated[int, Field(ge=0, le=_MOST_NUMBER)]
Price = Annotated[
    Decimal,
    Field(
        ge=0,
        max_digits=12,
        decimal_places=6,
        description="Of a million tokens, in the currency that you reckon all prices in.",
    ),
]


class ProviderPrice(Asked):
    """What a provider takes. It holds for questions from now on."""

    input_price: Price
    output_price: Price


class Group(StrEnum):
    """What the answers of one sum have in common."""

    DAY = "day"
    BOT = "bot"
    KEY = "key"
    PROVIDER = "provider"


class Latency(BaseModel):
    """From when a question was put, in milliseconds."""

    p50_ms: float
    p95_ms: float


class Sum(BaseModel):
    """What some answers took together."""

    name: str | None = Field(
        description="A day (of UTC), or the id of a bot, key or provider. Null: of none, as an answer without "
        "a bot or one that no model has written."
    )
    answers: int = Field(description="Questions that were answered whole, also that nothing answers them.")
    answered: int = Field(description="Of these, those that something answers.")
    generated: int = Field(description="Of these, those that a model has written.")
    retrieved: int = Field(description="Segments that they could be made of.")
    withheld: int = Field(description="Documents that were not looked at, once for each question.")
    calls: int = Field(description="Of providers, also those that came to nothing.")
    input_tokens: int
    output_tokens: int
    unsettled_tokens: int = Field(
        description="What calls may have taken whose end nobody saw, as of cancelled questions; not in the cost."
    )
    cost: Decimal = Field(description="Tokens by the price of their day; those without a price cost nothing here.")
    first_event: Latency | None = Field(description="To the first event; null without answers.")
    whole: Latency | None = Field(description="To the whole answer.")


class Analytics(BaseModel):
    """The ledger of answers, summed."""

    group: Group
    begin: date = Field(description="The first day, of UTC.")
    end: date = Field(description="The last day.")
    items: list[Sum]
    total: Sum


class PricedProvider(ProviderPrice):
    """A provider's price as it stands."""

    provider_id: UUID


class NewQuota(Asked):
    """A quota to set: of a bot, of a key, or else of all that the tenant asks."""

    bot_id: UUID | None = None
    key_id: Annotated[str, AfterValidator(is_storable), Field(max_length=100)] | None = None
    questions_a_day: Limit | None = Field(default=None, description="Default: no limit.")
    tokens_a_month: Limit | None = Field(default=None, description="Of providers, in and out. Default: no limit.")

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if self.bot_id is not None and self.key_id is not None:
            raise ValueError("has key_id beside bot_id: a quota is of one of them")
        return self


class Quota(BaseModel):
    """A quota, and what is taken of it."""

    bot_id: UUID | None
    key_id: str | None
    questions_a_day: int | None
    questions_today: int = Field(description="Since it was set, or since midnight of UTC.")
    tokens_a_month: int | None
    tokens_this_month: int | None = Field(description="Also what answers under way may take. Null without a limit.")


class Quotas(BaseModel):
    """All quotas of the tenant; its own is the first."""

    items: list[Quota]
