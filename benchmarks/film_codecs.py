"""In how many codecs a film gives all its frames at their times, and its size as shown."""

import asyncio

from tests.unit.worker.encodings import ENCODINGS, encoded
from tests.unit.worker.ordeal import ordeal

from benchmarks.figure import Figure

_WANTED = (25, 1_000_000, 160, 90, False)


def figures() -> list[Figure]:
    """A second of film in each encoding, through a decoder process."""
    right = asyncio.run(_right())
    return [
        Figure(
            "encodings with all frames, times and sizes right",
            right,
            "",
            peer=len(ENCODINGS),
            ratio=right / len(ENCODINGS),
            must="ratio >= 1",
            holds=right == len(ENCODINGS),
        )
    ]


async def _right() -> int:
    right = 0
    for name in ENCODINGS:
        found = (await ordeal(encoded(name))).analysis
        right += found is not None and (
            found.frames, found.duration_us, found.width, found.height, found.partial,
        ) == _WANTED  # fmt: skip
    return right
