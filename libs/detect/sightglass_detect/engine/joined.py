"""Several texts as one, so that what a look costs however short a text is, is paid once."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, TypeVar

from sightglass_detect.engine.matcher import Place

T = TypeVar("T")

# What stands beside a text that is looked through by itself, too.
_BETWEEN: Final = b"\n"
# A longer text costs more by being copied than it saves.
_SHORT_BYTES: Final = 64 * 1024
_RUN_BYTES: Final = 512 * 1024


class Joined:
    """Texts, one behind the other. data: all of them."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.data = _BETWEEN.join(texts)
        self._sizes = list(map(len, texts))
        self._starts = list(accumulate((size + len(_BETWEEN) for size in self._sizes), initial=0))

    def split(self, places: Iterable[Place]) -> list[list[Place]]:
        """Places in all of it, as places in each text. Where they reach beyond one, they are in the next as well."""
        found: list[list[Place]] = [[] for _ in self._sizes]
        starts, sizes = self._starts, self._sizes
        for number, first, last in places:
            at = bisect_right(starts, first, 1, len(sizes)) - 1
            while at < len(sizes) and starts[at] <= last:
                start = starts[at]
                if first - start < sizes[at]:
                    found[at].append((number, max(0, first - start), min(last - start, sizes[at])))
                at += 1
        return found


def runs_of(items: Iterable[T], *, key: Callable[[T], int]) -> Iterator[list[T]]:
    """Items in their order: those of few bytes, by `key`, in runs of so many at most; each other one alone."""
    run: list[T] = []
    held = 0
    for item in items:
        size = key(item)
        if run and (size > _SHORT_BYTES or held + size > _RUN_BYTES):
            yield run
            run, held = [], 0
        run.append(item)
        held += size
        if size > _SHORT_BYTES:
            yield run
            run, held = [], 0
    if run:
        yield run
