"""Which objects of a page of a listing are read, and in which batches: pure, and before any GET."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

# A GET of these is refused until somebody has them restored.
_ARCHIVED: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
# What whoever asked for the scan does not want: counted, and not noted one by one.
FILTERED: Final = frozenset({"not_included", "excluded"})


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing tells it."""

    key: str
    size_bytes: int
    etag: str
    storage_class: str = "STANDARD"


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a bucket is wanted. include, exclude: shell patterns of whole keys; no `include` takes all."""

    include: Sequence[str]
    exclude: Sequence[str]
    max_object_bytes: int

    def reason_against(self, listed: Listed) -> str | None:
        """Why an object is not read; None when it is."""
        if self.include and not _matches(listed.key, self.include):
            return "not_included"
        if _matches(listed.key, self.exclude):
            return "excluded"
        if "\0" in listed.key:
            return "unstorable_key"
        if listed.size_bytes == 0:
            return "empty"
        if listed.storage_class in _ARCHIVED:
            return "archived"
        return "too_large" if listed.size_bytes > self.max_object_bytes else None


@dataclass(frozen=True, slots=True)
class Selected:
    """A page, sorted out. skipped: by reason."""

    batches: Sequence[Sequence[Listed]]
    skipped: dict[str, list[Listed]] = field(default_factory=dict[str, list[Listed]])


def select(page: Iterable[Listed], filters: Filters, *, batch_objects: int, batch_bytes: int) -> Selected:
    """Sort out a page. A batch has at most so many objects and bytes, or one object of more."""
    skipped: defaultdict[str, list[Listed]] = defaultdict(list)
    batches: list[list[Listed]] = []
    held = 0
    for listed in page:
        if reason := filters.reason_against(listed):
            skipped[reason].append(listed)
            continue
        held += listed.size_bytes
        if not batches or held > batch_bytes or len(batches[-1]) == batch_objects:
            batches.append([])
            held = listed.size_bytes
        batches[-1].append(listed)
    return Selected(batches, dict(skipped))


def _matches(key: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)
