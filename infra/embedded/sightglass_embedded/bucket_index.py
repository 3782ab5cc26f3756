"""The copy of one bucket on disk: an index that holds the keys, and files named by hashes.

A key may hold anything (`../`, 1,024 bytes, a slash twice), so no part of it becomes part of a path.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from sightglass_embedded.private_file import replace_private

_FORMAT: Final = 1


class IndexUnreadable(RuntimeError):
    """An index is not what we write. It is left as it is, so that nothing gets lost."""


@dataclass(frozen=True)
class Stored:
    """One object of the copy. `headers` are put_object's arguments, `part_bytes` empty unless it had parts."""

    key: str
    etag: str
    size_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    part_bytes: tuple[int, ...] = ()

    @property
    def file_name(self) -> str:
        """Another content gets another name, so a file never changes once an index refers to it."""
        return hashlib.sha256(f"{self.key}\0{self.etag}".encode()).hexdigest()


class BucketIndex:
    """The copy of the bucket called `bucket` below `root`."""

    def __init__(self, root: Path, bucket: str) -> None:
        self.bucket = bucket
        self.folder = root / hashlib.sha256(bucket.encode()).hexdigest()[:32]
        self.objects = self.folder / "objects"

    def read(self) -> dict[str, Stored]:
        """What the copy holds, by key; empty if there is none. Raises IndexUnreadable."""
        path = self.folder / "index.json"
        return _parsed(path)[1] if path.exists() else {}

    def write(self, entries: Iterable[Stored]) -> None:
        """Replace the index in one step, then remove the files that it no longer refers to."""
        kept = list(entries)
        self.objects.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = {"format": _FORMAT, "bucket": self.bucket, "objects": [asdict(entry) for entry in kept]}
        replace_private(self.folder / "index.json", json.dumps(content).encode())
        wanted = {entry.file_name for entry in kept}
        for path in self.objects.iterdir():
            if path.name not in wanted:
                path.unlink()

    def path_of(self, entry: Stored) -> Path:
        """Where the object's bytes lie."""
        return self.objects / entry.file_name


def indexes_in(root: Path) -> list[BucketIndex]:
    """The copies of all buckets below `root`, by name. Raises IndexUnreadable."""
    return [BucketIndex(root, bucket) for bucket in sorted(_parsed(path)[0] for path in root.glob("*/index.json"))]


def _parsed(path: Path) -> tuple[str, dict[str, Stored]]:
    try:
        content = cast("dict[str, Any]", json.loads(path.read_bytes()))
        if content["format"] != _FORMAT:
            raise IndexUnreadable(f"{path} has format {content['format']}; this version reads {_FORMAT}.")
        objects = cast("list[dict[str, Any]]", content["objects"])
        entries = [_stored(entry) for entry in objects]
        return str(content["bucket"]), {entry.key: entry for entry in entries}
    except (ValueError, KeyError, TypeError) as error:
        raise IndexUnreadable(f"{path} is damaged ({error!r}): move it away to start without it.") from error


def _stored(entry: dict[str, Any]) -> Stored:
    return Stored(
        key=entry["key"],
        etag=entry["etag"],
        size_bytes=entry["size_bytes"],
        headers=entry["headers"],
        metadata=entry["metadata"],
        part_bytes=tuple(entry["part_bytes"]),
    )
