"""The parts of a text in which something may be found: where there are digits."""

from bisect import bisect_left
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_detect.engine.planes import WORD_BITS

# Of more than this share of a text, all is taken: joining what is left costs as much as it saves.
_MOST_OF_IT: Final = 0.7


class Regions:
    """Parts of a text, one behind the other.

    words: for each 64 bytes of the text, whether there is anything in them. margin: how many bytes beside those belong
    to the parts. whole: these would be about all of it, and are not taken.
    """

    def __init__(self, data: bytes, words: NDArray[np.bool_], margin: int) -> None:
        most = _MOST_OF_IT * len(words)
        # Widened, they are no fewer.
        kept = words if np.count_nonzero(words) > most else _widened(words, -(-margin // WORD_BITS))
        self.whole = bool(np.count_nonzero(kept) > most)
        self.data, self._ends = b"", list[int]()
        if self.whole:
            return
        edges = np.flatnonzero(np.diff(kept, prepend=False, append=False)) * WORD_BITS
        self._starts: list[int] = edges[::2].tolist()
        ends: list[int] = edges[1::2].tolist()
        parts = [data[a:b] for a, b in zip(self._starts, ends, strict=True)]
        self.data = b"".join(parts)
        self._ends = list(accumulate(map(len, parts)))

    def place(self, end: int) -> int:
        """Where in the text something ends that ends at a place of `data`."""
        part = bisect_left(self._ends, end)
        return self._starts[part] + end - (self._ends[part - 1] if part else 0)


def _widened(words: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    counts = np.cumsum(np.pad(words, (by + 1, by)), dtype=np.int64)
    return counts[2 * by + 1 :] > counts[: -2 * by - 1]
