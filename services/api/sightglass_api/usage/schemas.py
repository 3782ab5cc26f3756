"""Prices as clients write them, and sums of the ledger as they see them."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from sightglass_api.routing import Asked

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
