"""What others have made of an object that was handed on to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightglass_common.jobs import Status


@dataclass(frozen=True, slots=True)
class Looked:
    """The job that has looked at an object. is_read: whether text was looked for. gaps: reason and detail of each."""

    status: Status
    error_code: str | None
    error_detail: str | None
    error_retryable: bool | None
    is_read: bool
    gaps: Sequence[tuple[str, str]]

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.status not in {"queued", "running"}

    @property
    def has_come_to_something(self) -> bool:
        """Whether there is a result."""
        return self.status in {"done", "partial"}


def gaps_of_film(
    *, partial: bool | None, partial_reason: str | None, coverage: Mapping[str, Any] | None
) -> list[tuple[str, str]]:
    """What of a film was not read."""
    gaps = [(partial_reason or "damaged", "")] if partial else []
    unread = (coverage or {}).get("capped", 0) + (coverage or {}).get("failed", 0)
    if unread:
        gaps.append(("screen_not_read", f"{unread} of {(coverage or {}).get('looks', unread)} changes of the screen"))
    return gaps
