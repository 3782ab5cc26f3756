"""What is left to be read of some files of an inventory: a part of a scan reads a piece of the first one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, NamedTuple

from sightglass_scanner.inventory.manifest import DataFile, Kind, Manifest

# Files that are read side by side, each piece after piece.
_SIDE_BY_SIDE: Final = 32


class Place(NamedTuple):
    """Where in a file. Of CSV: group 0, and the byte of the text in it; else: a row of a row group or stripe."""

    group: int = 0
    at: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Files that are read one after the other. etag: of the first one, "" before its checksum was compared."""

    bucket: str
    kind: Kind
    columns: Sequence[str]
    files: Sequence[DataFile]
    etag: str = ""
    group: int = 0
    at: int = 0

    @property
    def file(self) -> DataFile:
        """The one that is read."""
        return self.files[0]

    @property
    def place(self) -> Place:
        """Where in it."""
        return Place(self.group, self.at)

    def next(self, place: Place | None, etag: str) -> "Piece | None":
        """What is left behind this one. place: where the next one begins; None: the file is at its end."""
        if place is not None:
            return replace(self, etag=etag, group=place.group, at=place.at)
        rest = self.files[1:]
        return replace(self, files=rest, etag="", group=0, at=0) if rest else None

    def as_json(self) -> dict[str, Any]:
        """As it is stored: see 0020_inventory."""
        return asdict(self)


def piece_of(stored: Mapping[str, Any]) -> Piece:
    """What `as_json` has told."""
    fields: dict[str, Any] = dict(stored) | {"files": [DataFile(**file) for file in stored["files"]]}
    return Piece(**fields)


def pieces_of(manifest: Manifest) -> list[Piece]:
    """What is to be read of an inventory, in so many parts that are read side by side."""
    shares = [manifest.files[start::_SIDE_BY_SIDE] for start in range(min(_SIDE_BY_SIDE, len(manifest.files)))]
    return [Piece(manifest.bucket, manifest.kind, list(manifest.columns), list(files)) for files in shares]
