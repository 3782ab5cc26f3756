"""What became of labelling an analysis."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

from sightglass_worker.labels.provider import Label

Status: TypeAlias = Literal["done", "partial", "failed", "off"]
Reason: TypeAlias = Literal[
    "provider_refused", "provider_unavailable", "answer_unusable", "picture_unreadable", "text_unread", "budget"
]
# Where there are several, the first is the one that a person should hear of.
_REASONS: Final[tuple[Reason, ...]] = (
    "provider_refused",
    "provider_unavailable",
    "answer_unusable",
    "picture_unreadable",
    "text_unread",
    "budget",
)


@dataclass(slots=True)
class Counts:
    """What became of each frame that was wanted; all but `calls` and `cached` add up to them.

    labelled: answered for, be it with no label; `cached` of them without a call. The others were not, because:
    text_unread: nobody knows what text is on it, so it was not sent. budget: frames or calls were spent.
    calls: of the provider, retries among them.
    """

    labelled: int = 0
    cached: int = 0
    calls: int = 0
    provider_refused: int = 0
    provider_unavailable: int = 0
    answer_unusable: int = 0
    picture_unreadable: int = 0
    text_unread: int = 0
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
