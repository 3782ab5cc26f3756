"""What writes answers: the seam between us and those who do it."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from sightglass_detect import Redacted


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a conversation."""

    role: Literal["user", "assistant"]
    text: Redacted


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is given: rules, then messages by turns, the user's first and last. Nothing of it is raw text."""

    system: Redacted
    messages: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took, in the provider's own tokens."""

    input_tokens: int
    output_tokens: int


Piece: TypeAlias = Delta | Usage


class Provider(Protocol):
    """Writes answers. Time limits, retries, budgets and filters are not its business."""

    def stream(
        self, prompt: Prompt, *, model: str, temperature: float | None, most_tokens: int
    ) -> AsyncGenerator[Piece]:
        """An answer as it comes; one Usage at most, the last piece if there is any. Only a whole answer ends.

        temperature: 0 to 2; None: the model's own. Raises ProviderUnavailable, ProviderRefused, AnswerUnusable.
        """
        ...
