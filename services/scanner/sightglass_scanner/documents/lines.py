"""The lines of a text, each as a whole as far as it is not too long: pure."""

from collections.abc import Iterator
from typing import Final

from sightglass_scanner.readers.decode import decoded
from sightglass_scanner.readers.source import Source

# A longer one is told without what stands in it.
MOST_LINE_BYTES: Final = 32 * 1024 * 1024


def lines(source: Source, most_bytes: int = MOST_LINE_BYTES) -> Iterator[bytes | None]:
    """Each line as UTF-8 without its end; None for one of more than `most_bytes`."""
    held: list[bytes] = []
    size = 0
    for piece in decoded(source):
        *ended, rest = piece.data.split(b"\n")
        for part in ended:
            size += len(part)
            yield b"".join([*held, part]) if size <= most_bytes else None
            held, size = [], 0
        size += len(rest)
        held.append(rest)
        if size > most_bytes:
            held.clear()
    if size:
        yield b"".join(held) if size <= most_bytes else None
