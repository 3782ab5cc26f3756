"""Programs that share a core while they are measured.

The speed of a core of a shared machine changes by a tenth from second to second, and not as that of its neighbour does:
who measures programs one after the other, or each on a core of its own, compares the seconds. On one core they take
turns every few milliseconds, so that what slows one slows all: ratios of runs of a minute then differ by less than a
hundredth, of runs of seconds by up to four.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
U = TypeVar("U")

# More would need memory for so many programs at once.
_MOST_CORES: Final = 2


def turns(names: Sequence[str], run: Callable[[str], T], rounds: int) -> list[dict[str, T]]:
    """What `run` gives for each of the names, all at once on one core, on two cores if there are so many.

    run: starts a process, which is held to the core, and waits for it. Gives `rounds` turns of each core.
    """

    def turn(core: int) -> dict[str, T]:
        with _held_to(core, len(names)) as sharing:
            return dict(zip(names, sharing.map(run, names), strict=True))

    return _on_cores(turn, rounds)


def beside(long: Callable[[], T], short: Callable[[], U], rounds: int) -> list[tuple[T, list[U]]]:
    """What `long` gives, and what `short` gave each time that it ran while `long` did, on one core, on two if possible.

    Both start processes, as in `turns`. A run of `short` that outlasts `long` is not given.
    """

    def turn(core: int) -> tuple[T, list[U]]:
        shorts: list[U] = []
        with _held_to(core, 2) as sharing:
            other = sharing.submit(long)
            while not other.done():
                last = sharing.submit(short).result()
                shorts += [] if other.done() else [last]
            return other.result(), shorts

    return _on_cores(turn, rounds)


def _held_to(core: int, threads: int) -> ThreadPoolExecutor:
    """Threads whose processes run on this core alone."""
    return ThreadPoolExecutor(threads, initializer=os.sched_setaffinity, initargs=(0, {core}))


def _on_cores(turn: Callable[[int], T], rounds: int) -> list[T]:
    cores = sorted(os.sched_getaffinity(0))[:_MOST_CORES]
    with ThreadPoolExecutor(len(cores)) as side_by_side:
        return [found for _ in range(rounds) for found in side_by_side.map(turn, cores)]
