"""A stream of any length, in pieces of any size: the same findings as if it had come as one."""

from collections.abc import Collection
from typing import Final

from sightglass_detect.engine.engine import Engine
from sightglass_detect.engine.overlaps import Sweep, moved
from sightglass_detect.finding import Finding
from sightglass_detect.shared import Chosen

BLOCK_BYTES: Final = 1 << 20
_LEAST_CARRIED: Final = 512


class BlockScanner:
    """Takes a stream piece by piece and gives its findings in order, with offsets into the whole.

    It holds a block, and what the engine needs to see on both sides of a place. labels, named: what all of the stream
    is, as of `Engine.scan`.
    """

    def __init__(
        self,
        engine: Engine | Chosen,
        *,
        labels: bytes = b"",
        named: Collection[str] = (),
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        self._engine = engine
        self._labels = labels
        self._named = named
        self._block_bytes = block_bytes
        self._carried = max(engine.reach, _LEAST_CARRIED)
        self._sweep: Sweep = Sweep(engine.ranks, engine.hides)
        self._pieces: list[bytes] = []
        self._held = 0
        self._offset = 0  # of the first byte held
        self._told_to: int = 0  # all that starts before is told

    def feed(self, piece: bytes) -> list[Finding]:
        """Take the next piece; give what is certain by now."""
        self._pieces.append(piece)
        self._held += len(piece)
        if self._held < self._block_bytes + 2 * self._carried:
            return []
        data = b"".join(self._pieces)
        found = self._told(data, self._offset + len(data) - self._carried)
        kept = len(data) - 2 * self._carried
        self._pieces, self._held, self._offset = [data[kept:]], 2 * self._carried, self._offset + kept
        return found

    @property
    def told_to(self) -> int:
        """No finding that is still to come starts before this."""
        return int(min(self._told_to, self._sweep.first))

    def finish(self) -> list[Finding]:
        """Give what is left. Nothing is fed afterwards."""
        data = b"".join(self._pieces)
        return [*self._told(data, self._offset + len(data) + 1), *self._sweep.close()]

    def _told(self, data: bytes, to: int) -> list[Finding]:
        raw = (moved(finding, self._offset) for finding in self._engine.raw(data, self._labels, self._named))
        found = list(self._sweep.add(finding for finding in raw if self._told_to <= finding.start < to))
        self._told_to = to
        return found
