"""What became of labelling an analysis."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

from sightglass_worker.labels.provider import Label

Status: TypeAlias = Literal["done", "partial", "failed", "off"]
# Why a frame is not shown to anybody: no text was looked for in the film, or what the screen showed then was not read
# because it changed too often, or because the text engine failed.
Withheld: TypeAlias = Literal["text_not_looked_for", "text_capped", "text_failed"]
Reason: TypeAlias = (
    Literal["provider_refused", "provider_unavailable", "answer_unusable", "picture_unreadable", "budget"] | Withheld
)
# Where there are several, the first is the one that a person should hear of.
_REASONS: Final[tuple[Reason, ...]] = (
    "provider_refused",
    "provider_unavailable",
    "answer_unusable",
    "picture_unreadable",
    "text_not_looked_for",
    "text_failed",
    "text_capped",
    "budget",
)


@dataclass(slots=True)
class Counts:
    """What became of each frame that was wanted; all but `cached`, `sent` and `calls` add up to them.

    labelled: answered for, be it with no label; `cached` of them without a call. The others were not, because of what
    their count is called: see Withheld; budget: frames or calls were spent.
    calls: of the provider, retries among them. sent: pictures in all of these.
    """

    labelled: int = 0
    cached: int = 0
    sent: int = 0
    calls: int = 0
    provider_refused: int = 0
    provider_unavailable: int = 0
    answer_unusable: int = 0
    picture_unreadable: int = 0
    text_not_looked_for: int = 0
    text_capped: int = 0
    text_failed: int = 0
    budget: int = 0

    def lose(self, reason: Reason, frames: int) -> None:
        """Note frames that stay without labels."""
        setattr(self, reason, getattr(self, reason) + frames)

    @property
    def reason(self) -> Reason | None:
        """Why frames stay without labels, if any do."""
        return next((reason for reason in _REASONS if getattr(self, reason)), None)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labels of an analysis, in order of time. reason: of `partial` and `failed`."""

    labels: Sequence[Label]
    status: Status
    reason: Reason | None
    counts: Counts

    def summary(self) -> dict[str, Any]:
        """As it is stored with the analysis: `{"status", "reason", ...counts}`."""
        return {"status": self.status, "reason": self.reason, **asdict(self.counts)}


OFF: Final = Labelled((), "off", None, Counts())


def outcome(labels: Sequence[Label], counts: Counts) -> Labelled:
    """Sum up: `failed` only if no frame was answered for though some should have been."""
    ordered = sorted(labels, key=lambda label: (label.t_us, -label.confidence, label.name))
    reason = counts.reason
    if reason is None:
        return Labelled(ordered, "done", None, counts)
    return Labelled(ordered, "partial" if counts.labelled else "failed", reason, counts)
