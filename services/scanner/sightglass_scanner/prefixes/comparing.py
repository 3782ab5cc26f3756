"""What became of the objects of a page since they were read: pure, and before any GET."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sightglass_scanner.selection import Listed


@dataclass(frozen=True, slots=True)
class Known:
    """An object that is a source already, in the state in which it was taken.

    due: its last reading came to nothing, for a reason that may be over.
    """

    source_id: UUID
    object_key: str
    etag: str
    size_bytes: int
    due: bool

    def is_as(self, listed: Listed) -> bool:
        """Whether it is listed in that state."""
        return self.etag == etag_of(listed) and self.size_bytes == listed.size_bytes


@dataclass(frozen=True, slots=True)
class Compared:
    """A page, sorted out: each of its objects is in one of these. skipped: how many, by reason."""

    new: Sequence[Listed]
    changed: Sequence[tuple[Known, Listed]]
    retried: Sequence[Known]
    unchanged: Sequence[Known]
    skipped: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def kept(self) -> list[UUID]:
        """The sources that are not gone."""
        return [
            *(known.source_id for known, _ in self.changed),
            *(k.source_id for k in (*self.retried, *self.unchanged)),
        ]


def compared(
    page: Sequence[Listed], unfit: Mapping[str, str], known: Mapping[str, Known], left_out: Collection[UUID]
) -> Compared:
    """Sort out a page. unfit, known: by key; why an object is not read, and what it was.

    left_out: names of states of objects that are not wanted back.

    What was read and is as it was stays, also where it could not be read now, as what is archived.
    """
    new: list[Listed] = []
    changed: list[tuple[Known, Listed]] = []
    retried: list[Known] = []
    unchanged: list[Known] = []
    skipped: Counter[str] = Counter()
    for listed in page:
        there = known.get(listed.key)
        if there is not None and there.is_as(listed):
            (retried if there.due else unchanged).append(there)
        elif reason := unfit.get(listed.key):
            skipped[reason] += 1
        elif name_of(listed) in left_out:
            skipped["left_out"] += 1
        elif there is not None:
            changed.append((there, listed))
        else:
            new.append(listed)
    return Compared(new, changed, retried, unchanged, skipped)


def etag_of(listed: Listed) -> str:
    """An ETag without its quotes, which not all answers of S3 have."""
    return listed.etag.strip('"')


def name_of(listed: Listed) -> UUID:
    """An object in one state, as `dataset_prefix_left_out` names it."""
    told = f"{listed.key}\n{etag_of(listed)}".encode("utf-8", "surrogatepass")
    return UUID(bytes=hashlib.md5(told, usedforsecurity=False).digest())
