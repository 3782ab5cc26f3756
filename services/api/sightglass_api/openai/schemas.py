"""What clients of OpenAI send, as far as it says something here, and what they get: its chat completions."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from sightglass_api.conversations.schemas import Citation
from sightglass_api.datasets.schemas import is_storable
from sightglass_api.search.schemas import MOST_QUERY_CHARS

_Text = Annotated[str, AfterValidator(is_storable)]
_MostTokens = Annotated[int, Field(ge=1, le=2**53)]
# A conversation that a client sends anew with each question.
_MOST_MESSAGES: Final = 10_000


class Part(BaseModel):
    """A part of a message: text alone can be asked."""

    type: Literal["text"]
    text: _Text


class Message(BaseModel):
    """What somebody said."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: _Text | list[Part] | None = None

    @property
    def text(self) -> str:
        """All of it."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    """How it is streamed."""

    include_usage: bool = False


class NewCompletion(BaseModel):
    """A question to a bot. Fields that would make no other answer are taken and left alone, as clients send many."""

    # Clients' own fields; those that would ask for something else are refused below.
    model_config = ConfigDict(extra="allow")

    model: _Text = Field(min_length=1, max_length=1000, description="A bot's name.")
    messages: list[Message] = Field(
        min_length=1, max_length=_MOST_MESSAGES, description="The last one of the user is the question."
    )
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    temperature: float | None = Field(
        default=None, ge=0, le=2, allow_inf_nan=False, description="Of a model's answer, in place of the bot's."
    )
    max_tokens: _MostTokens | None = Field(default=None, description="Older name of `max_completion_tokens`.")
    max_completion_tokens: _MostTokens | None = Field(
        default=None, description="Of a model's answer, where its provider would give more. Quoted sentences are whole."
    )
    tools: list[Any] | None = Field(default=None, max_length=0, description="A bot calls none.")

    @field_validator("messages")
    @classmethod
    def _asks(cls, messages: list[Message]) -> list[Message]:
        question = next((one.text.strip() for one in reversed(messages) if one.role == "user"), "")
        if not question:
            raise ValueError("has no question: no message of the role user with a text")
        if len(question) > MOST_QUERY_CHARS:
            raise ValueError(f"has a question of more than {MOST_QUERY_CHARS} characters")
        return messages

    @property
    def question(self) -> str:
        """What is asked."""
        return self.messages[self._asked].text.strip()

    @property
    def before(self) -> list[Message]:
        """What was said before it."""
        return self.messages[: self._asked]

    @property
    def most_tokens(self) -> int | None:
        """Of the answer, by both names."""
        return min((most for most in (self.max_tokens, self.max_completion_tokens) if most is not None), default=None)

    @property
    def _asked(self) -> int:
        return max(place for place, one in enumerate(self.messages) if one.role == "user")


class Model(BaseModel):
    """A bot, as a model."""

    id: str = Field(description="Its name.")
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "sightglass"


class Models(BaseModel):
    """The tenant's bots."""

    object: Literal["list"] = "list"
    data: list[Model]


class Usage(BaseModel):
    """What a model took; none has written an extractive answer."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Said(BaseModel):
    """The answer."""

    role: Literal["assistant"] = "assistant"
    content: str


class Choice(BaseModel):
    """The one answer."""

    index: Literal[0] = 0
    message: Said
    finish_reason: Literal["stop", "length"] = Field(description="`length`: it has as many tokens as were asked for.")


class Completion(BaseModel):
    """An answer, with what a client of OpenAI expects, and more."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    citations: list[Citation] = Field(description="Where its sentences stand, which mark them as `[n]`.")
    generated: bool = Field(description="False: sentences of the sources, word for word, that no model has written.")
    conversation_id: UUID = Field(description="Where the question and its answer are kept.")
