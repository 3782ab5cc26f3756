"""Which objects of a page of a listing are read, and in which batches: pure, and before any GET."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

# A GET of these is refused until somebody has them restored.
_ARCHIVED: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
# What whoever asked for the scan does not want: counted, and not noted one by one.
FILTERED: Final = frozenset({"not_included", "excluded", "not_sampled"})


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing tells it."""

    key: str
    size_bytes: int
    etag: str
    storage_class: str = "STANDARD"


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a bucket is wanted. include, exclude: shell patterns of whole keys; no `include` takes all.

    sample_share: of the objects that are left, those whose keys have a lower `sample_place`; None: all.
    """

    include: Sequence[str]
    exclude: Sequence[str]
    max_object_bytes: int
    sample_share: float | None = None
    sample_seed: int = 0

    def reason_against(self, listed: Listed) -> str | None:
        """Why an object is not read; None when it is."""
        return self._unwanted(listed.key) or self._unfit(listed)

    def _unwanted(self, key: str) -> str | None:
        if self.include and not _matches(key, self.include):
            return "not_included"
        if _matches(key, self.exclude):
            return "excluded"
        sampled = self.sample_share is None or sample_place(self.sample_seed, key) < self.sample_share
        return None if sampled else "not_sampled"

    def _unfit(self, listed: Listed) -> str | None:
        if "\0" in listed.key:
            return "unstorable_key"
        if listed.size_bytes == 0:
            return "empty"
        if listed.storage_class in _ARCHIVED:
            return "archived"
        return "too_large" if listed.size_bytes > self.max_object_bytes else None


def sample_place(seed: int, key: str) -> float:
    """Where in [0, 1) a key lies: the first 8 bytes of the SHA-256 of the seed, a zero byte and the key."""
    return int.from_bytes(sample_digest(seed, key)) / 2**64


def sample_digest(seed: int, key: str) -> bytes:
    """The same place, as the 8 bytes that it is made of."""
    return hashlib.sha256(f"{seed}\0{key}".encode("utf-8", "surrogatepass")).digest()[:8]


@dataclass(frozen=True, slots=True)
class Selected:
    """A page, sorted out. skipped: by reason."""

    batches: Sequence[Sequence[Listed]]
    skipped: dict[str, list[Listed]] = field(default_factory=dict[str, list[Listed]])


def select(page: Iterable[Listed], filters: Filters, *, batch_objects: int, batch_bytes: int) -> Selected:
    """Sort out a page. A batch has at most so many objects and bytes, or one object of more."""
    skipped: defaultdict[str, list[Listed]] = defaultdict(list)
    kept: list[Listed] = []
    for listed in page:
        if reason := filters.reason_against(listed):
            skipped[reason].append(listed)
        else:
            kept.append(listed)
    return Selected(batched(kept, batch_objects=batch_objects, batch_bytes=batch_bytes), dict(skipped))


def batched(objects: Iterable[Listed], *, batch_objects: int, batch_bytes: int) -> list[list[Listed]]:
    """Objects in batches, in their order: of at most so many objects and bytes, or of one object of more."""
    batches: list[list[Listed]] = []
    held = 0
    for listed in objects:
        held += listed.size_bytes
        if not batches or held > batch_bytes or len(batches[-1]) == batch_objects:
            batches.append([])
            held = listed.size_bytes
        batches[-1].append(listed)
    return batches


def _matches(key: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)
