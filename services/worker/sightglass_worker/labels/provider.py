"""What names the things in pictures: the seam between us and those who do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

# x, y, width, height: 0 to 1 in display orientation.
Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A picture that may leave the process: text on it is painted out. jpeg: `painting.painted` made it."""

    jpeg: bytes
    t_us: int
    scene: int


@dataclass(frozen=True, slots=True)
class Label:
    """A thing that a frame shows.

    name: short, in lower case. confidence: 0 to 1, as the provider has it; a language model's is a guess.
    box: where, if the provider says so.
    """

    name: str
    confidence: float
    t_us: int
    scene: int
    box: Box | None = None


class LabelProvider(Protocol):
    """Names what pictures show. Budgets, retries, time limits and painting are not its business."""

    @property
    def identity(self) -> str:
        """Provider, model and version of the question: what an answer depends on besides the picture."""
        ...

    @property
    def frames_per_call(self) -> int:
        """How many frames of a scene one call takes."""
        ...

    async def label(self, frames: Sequence[KeyFrame], max_labels: int) -> Sequence[Label]:
        """Name what the frames of one scene show, in one call: at most `max_labels` for each, surest first.

        Raises ProviderUnavailable, ProviderRefused, AnswerUnusable.
        """
        ...
