"""MP4 files taken apart and put together again, for tests that forge them."""

from dataclasses import dataclass, field
from typing import Final

_NESTS: Final = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf"}


@dataclass(slots=True)
class Box:
    """A box: what it is called, and either its bytes or the boxes in it."""

    kind: bytes
    body: bytes = b""
    inner: "list[Box]" = field(default_factory=list["Box"])

    def packed(self) -> bytes:
        """The box as it stands in a file."""
        body = self.body + b"".join(box.packed() for box in self.inner)
        return (8 + len(body)).to_bytes(4, "big") + self.kind + body

    def at(self, path: str) -> "Box":
        """The first box below this one at a path such as `trak/mdia`."""
        box = self
        for kind in path.split("/"):
            box = next(b for b in box.inner if b.kind == kind.encode())
        return box

    def write(self, offset: int, value: int, size: int = 4) -> None:
        """Overwrite a number in the body."""
        self.body = self.body[:offset] + value.to_bytes(size, "big") + self.body[offset + size :]


def parsed(data: bytes) -> Box:
    """A whole sound file as one nameless box."""
    return Box(b"", inner=_boxes(data))


def film_of(root: Box) -> bytes:
    """The file that `parsed` took apart. The samples keep their place only if no box before them grew."""
    return b"".join(box.packed() for box in root.inner)


def _boxes(data: bytes) -> list[Box]:
    found: list[Box] = []
    at = 0
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + size]
        found.append(Box(kind, inner=_boxes(body)) if kind in _NESTS else Box(kind, body))
        at += size
    return found
