"""Streams of any length, in the modes of their settings too: `normalise` and `ocr`, see settings.py."""

from typing import Final, TypeAlias

from sightglass_detect.blocks import BLOCK_BYTES, BlockScanner
from sightglass_detect.engine.overlaps import moved
from sightglass_detect.finding import Finding
from sightglass_detect.scanning import engine_for, scan
from sightglass_detect.settings import Settings

# Seen on both sides of a place. What is encoded in one run that is longer may be missed where a window ends in it.
_AROUND_BYTES: Final = 4096


def stream_scanner(settings: Settings, *, labels: bytes = b"", block_bytes: int = BLOCK_BYTES) -> "StreamScanner":
    """What takes a stream piece by piece. labels: what names all of it, in lines. Raises what `engine_for` raises."""
    if settings.normalise or settings.ocr:
        return ModeScanner(settings, labels=labels, block_bytes=block_bytes)
    return BlockScanner(engine_for(settings), labels=labels, block_bytes=block_bytes)


class ModeScanner:
    """Takes a stream piece by piece, as `BlockScanner` does, and gives what `scan` finds in windows that overlap."""

    def __init__(self, settings: Settings, *, labels: bytes = b"", block_bytes: int = BLOCK_BYTES) -> None:
        self._settings = settings
        self._labels = labels.decode("utf-8", "replace").split("\n") if labels else []
        self._window = block_bytes + 2 * _AROUND_BYTES
        self._pieces: list[bytes] = []
        self._held = 0
        self._offset = 0  # of the first byte held
        self._told_to = 0  # all that starts before is told

    def feed(self, piece: bytes) -> list[Finding]:
        """Take the next piece; give what is certain by now."""
        self._pieces.append(piece)
        self._held += len(piece)
        if self._held < self._window:
            return []
        data = b"".join(self._pieces)
        found = self._told(data, self._offset + len(data) - _AROUND_BYTES)
        kept = len(data) - 2 * _AROUND_BYTES
        self._pieces, self._held, self._offset = [data[kept:]], 2 * _AROUND_BYTES, self._offset + kept
        return found

    @property
    def told_to(self) -> int:
        """No finding that is still to come starts before this."""
        return self._told_to

    def finish(self) -> list[Finding]:
        """Give what is left. Nothing is fed afterwards."""
        data = b"".join(self._pieces)
        return self._told(data, self._offset + len(data) + 1)

    def _told(self, data: bytes, to: int) -> list[Finding]:
        found = scan(data, settings=self._settings, labels=self._labels)
        told = [moved(one, self._offset) for one in found if self._told_to <= self._offset + one.start < to]
        self._told_to = to
        return told


StreamScanner: TypeAlias = BlockScanner | ModeScanner
