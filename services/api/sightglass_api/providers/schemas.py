"""Providers as clients write them and see them."""

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, SecretStr, model_validator

from sightglass_api.datasets.schemas import is_storable
from sightglass_api.routing import Asked

Kind: TypeAlias = Literal["openai", "anthropic", "bedrock"]
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
# Far more than there are of any kind.
_MOST_NUMBER: Final = 2**53


def _is_header(key: SecretStr) -> SecretStr:
    """Keys travel in a header."""
    if not re.fullmatch(r"[!-~]{1,4096}", key.get_secret_value()):
        raise ValueError("is no key: it has signs that none has, or too many")
    return key


_Text = Annotated[str, AfterValidator(is_storable)]
_Name = Annotated[_Text, Field(min_length=1, max_length=200, description="Of the tenant's providers, only one has it.")]
_Url = Annotated[
    _Text,
    Field(
        min_length=1,
        max_length=500,
        description="For `openai` up to `/v1`, for `anthropic` without it; for `bedrock` by default that of its "
        "region. https on port 443 of a public host, or a host that the platform names.",
    ),
]
_Model = Annotated[_Text, Field(min_length=1, max_length=200, description="As the provider calls it.")]
_Key = Annotated[
    SecretStr,
    AfterValidator(_is_header),
    Field(
        description="Never given out again. For `bedrock` an access key's id and its secret, with a colon between. "
        "Left out: the server wants none."
    ),
]
_Temperature = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False, description="Default: the model's own.")]
_MostTokens = Annotated[int, Field(ge=1, le=4096, description="Of one answer.")]
_Rank = Annotated[
    int, Field(ge=0, le=1000, description="The lowest is asked first; the next one when that comes to nothing.")
]
_Budget = Annotated[
    int,
    Field(
        ge=0,
        le=_MOST_NUMBER,
        description="In and out together, by months of UTC; of the platform's, for each tenant. Default: no limit.",
    ),
]


class NewProvider(Asked):
    """A provider to add."""

    name: _Name
    kind: Kind
    base_url: _Url | None = None
    region: _Text | None = Field(default=None, max_length=50, description="Of AWS, for `bedrock` alone.")
    model: _Model
    api_key: _Key | None = None
    temperature: _Temperature | None = None
    most_tokens: _MostTokens = 1024
    rank: _Rank = 0
    enabled: bool = True
    tokens_a_month: _Budget | None = None

    @model_validator(mode="after")
    def _fits(self) -> "NewProvider":
        if self.kind == "bedrock":
            if not _REGION.fullmatch(self.region or ""):
                raise ValueError("bedrock needs a region of AWS")
            if self.api_key is None or not re.fullmatch(r"[^:]+:.+", self.api_key.get_secret_value()):
                raise ValueError("bedrock needs an access key's id and its secret, with a colon between")
        elif self.base_url is None or self.region is not None:
            raise ValueError(f"{self.kind} needs a base_url, and has no region")
        return self

    @property
    def address(self) -> str:
        """The base URL, or that of the region."""
        host = f"bedrock-runtime.{self.region}.amazonaws.com"
        return self.base_url or "https://" + host


class ProviderChanges(Asked):
    """What may be changed of a provider; what is left out stays."""

    name: _Name | None = None
    base_url: _Url | None = Field(default=None, description="Another address needs its key anew, if there is one.")
    model: _Model | None = None
    api_key: _Key | None = None
    temperature: _Temperature | None = Field(default=None, description="null: the model's own.")
    most_tokens: _MostTokens | None = None
    rank: _Rank | None = None
    enabled: bool | None = None
    tokens_a_month: _Budget | None = Field(default=None, description="null: no limit.")

    def columns(self) -> dict[str, Any]:
        """What is to be changed, key and address left out."""
        given = self.model_dump(exclude_unset=True, exclude={"api_key", "base_url"})
        may_be_none = {"temperature", "tokens_a_month"}
        return {name: value for name, value in given.items() if value is not None or name in may_be_none}


class Provider(BaseModel):
    """A provider as it stands. Its key is shown to nobody."""

    provider_id: UUID
    name: str
    kind: Kind
    base_url: str
    region: str | None
    model: str
    has_key: bool
    temperature: float | None
    most_tokens: int
    rank: int
    enabled: bool
    tokens_a_month: int | None
    tokens_this_month: int = Field(description="What answers have taken, and what those under way may take.")
    created_at: datetime
    changed_at: datetime


class TestResult(BaseModel):
    """What works of a provider; null: it is not known."""

    works: bool = Field(description="It has answered a question as a whole.")
    reachable: bool | None
    key_accepted: bool | None
    model_known: bool | None
    streams: bool | None = Field(description="What came was a stream of the kind that it is set up as.")
    tokens_told: bool | None = Field(description="It told what the answer took. Else that is estimated.")
    first_word_ms: int | None = Field(description="From the call to the first word of the answer.")
    whole_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    reason: Literal["provider_unavailable", "provider_refused", "answer_unusable", "budget_spent"] | None
    detail: str | None = Field(description="What does not work, in a sentence.")


class ProviderTest(BaseModel):
    """A test of a provider: it is asked for one word, which counts in its budget."""

    test_id: UUID
    provider_id: UUID
    status: Literal["running", "done"]
    asked_at: datetime
    finished_at: datetime | None
    result: TestResult | None = Field(description="Null before it is done.")
