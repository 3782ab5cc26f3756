"""What comes of reading objects, as it is stored and counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

Outcome = Literal["done", "skipped", "failed", "handed"]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding as it is stored. No part of the value is in it that `masked` does not show.

    detail: what its detector decoded of it for people, such as the account of an AWS key id.
    """

    finding_id: UUID
    bucket: str
    object_key: str
    version: str
    detector: str
    severity: str
    confidence: float
    locator: Mapping[str, Any]
    masked: str
    value_hash: bytes
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ObjectNote:
    """An object that was not read as a whole, and why. detail: for people; holds no content."""

    object_key: str
    version: str
    outcome: Literal["skipped", "failed", "partly"]
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """An object as a whole that others can look at.

    etag: as S3 gives it; version_id: "" in a bucket without versions.
    """

    kind: str
    version_id: str
    etag: str


@dataclass(slots=True)
class Tally:
    """Objects and bytes by the name of their counter."""

    objects: Counter[str] = field(default_factory=Counter[str])
    bytes: Counter[str] = field(default_factory=Counter[str])

    def add(self, name: str, size_bytes: int = 0, objects: int = 1) -> None:
        """Count something."""
        self.objects[name] += objects
        self.bytes[name] += size_bytes


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """What one object comes to. Its notes are why it is skipped or failed, or what of it was not read.

    media: what others could look at of it; `handed` when they are to.
    """

    outcome: Outcome
    size_bytes: int
    findings: Sequence[FindingRow] = ()
    notes: Sequence[ObjectNote] = ()
    media: Media | None = None

    def handed_on(self) -> "ObjectResult":
        """The same, while others look at it."""
        return replace(self, outcome="handed", notes=())

    def count(self, tally: Tally) -> None:
        """Count it: once under its outcome, and once under each thing that was not read of it."""
        if self.outcome == "skipped":
            tally.add(f"skipped:{self.notes[0].reason}", self.size_bytes)
            return
        tally.add(self.outcome, self.size_bytes)
        if self.outcome == "handed":
            return
        for note in self.notes:
            if note.outcome == "partly":
                tally.add(f"partly:{note.reason}", self.size_bytes)
