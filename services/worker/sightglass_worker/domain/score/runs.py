"""The way of a subject as even series: where it was each tenth of a second, between the gaps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.motion.track_samples import TrackSample

STEP_US: Final = 100_000
# A longer pause between samples is a gap, over which nothing is known; poses are looked for half as often.
GAP_US: Final = 250_000
POSE_GAP_US: Final = 500_000
# Values that smoothing costs at each end.
LOST: Final = 4

Series = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A stretch without gaps. x, y: the middle of the box, height: its own, every STEP_US from start_us."""

    start_us: int
    x: Series
    y: Series
    height: Series

    @property
    def end_us(self) -> int:
        """The time of the last value."""
        return self.start_us + (self.x.size - 1) * STEP_US


def runs(samples: Sequence[TrackSample], gap_us: int = GAP_US) -> Iterator[Run]:
    """Each stretch of a subject's samples; those shorter than a step are left out."""
    first = 0
    for number, (here, following) in enumerate(pairwise(samples), 1):
        if following.t_us - here.t_us > gap_us:
            yield from _run(samples[first:number])
            first = number
    yield from _run(samples[first:])


def smoothed(values: Series) -> Series:
    """Means of half a second, twice, as boxes are known to whole samples only; LOST shorter at each end."""
    mean = np.full(LOST + 1, 1 / (LOST + 1))
    return np.convolve(values, np.convolve(mean, mean), "valid") if values.size > 2 * LOST else values[:0]


def _run(samples: Sequence[TrackSample]) -> Iterator[Run]:
    if len(samples) < 2 or samples[-1].t_us - samples[0].t_us < STEP_US:
        return
    times = [sample.t_us for sample in samples]
    at = np.arange(times[0], times[-1] + 1, STEP_US)
    x, y, height = (
        np.interp(at, times, values)
        for values in (
            [sample.box.x + sample.box.width / 2 for sample in samples],
            [sample.box.y + sample.box.height / 2 for sample in samples],
            [sample.box.height for sample in samples],
        )
    )
    yield Run(times[0], x, y, height)
