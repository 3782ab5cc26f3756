"""What an object may cost to be read, and what of that is used up."""

from dataclasses import dataclass

from sightglass_scanner.readers.reading import SkipReason


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one object and all that is packed in it.

    ratio: most bytes unpacked from one packed byte, once more than ratio_from_bytes have come out.
    output_bytes: most bytes unpacked in all. entries: most members of archives and parts of e-mails, in all.
    depth: most archives in one another; a compressed tar is one.
    held_bytes: most of what cannot be read in pieces: a workbook, or an archive within an archive.
    memory_bytes: address space of the child beyond what it has when it starts to read.
    cpu_s: of the child's life; wall_s: of waiting for it, in all; it does not count while the parent serves or scans.
    """

    ratio: int = 100
    ratio_from_bytes: int = 1024**2
    output_bytes: int = 1024**3
    entries: int = 100_000
    depth: int = 3
    held_bytes: int = 64 * 1024**2
    memory_bytes: int = 256 * 1024**2
    cpu_s: int = 30
    wall_s: float = 30.0


class Refused(Exception):
    """Something is not read, or no further. ends_all: neither is the rest of the object."""

    def __init__(self, reason: SkipReason, detail: str = "", *, ends_all: bool = False) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.ends_all = ends_all


class Budget:
    """What an object has left of its limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._output = 0
        self._entries = 0

    def entry(self) -> None:
        """Count a member. Raises Refused when there are too many."""
        self._entries += 1
        if self._entries > self.limits.entries:
            raise Refused(SkipReason.TOO_MANY_ENTRIES, ends_all=True)

    def unpacked(self, size_bytes: int) -> None:
        """Count what was unpacked. Raises Refused when it is too much."""
        self._output += size_bytes
        if self._output > self.limits.output_bytes:
            raise Refused(SkipReason.TOO_LARGE, "too much is packed in it", ends_all=True)

    def ratio(self, packed: int, unpacked: int) -> None:
        """Check what has come of so many packed bytes. Raises Refused when it is too much."""
        if unpacked > self.limits.ratio_from_bytes and unpacked > self.limits.ratio * packed:
            raise Refused(SkipReason.RATIO)

    def held(self, size_bytes: int) -> None:
        """Check what must be held as a whole. Raises Refused when it is too large."""
        if size_bytes > self.limits.held_bytes:
            raise Refused(SkipReason.TOO_LARGE, "too large to be held as a whole")
