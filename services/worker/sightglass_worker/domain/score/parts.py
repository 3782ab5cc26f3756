"""What is measured of a subject's way: smoothness, range and tempo. docs/score.md says why and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, log10
from statistics import median
from typing import Final

import numpy as np

from sightglass_worker.domain.motion.track_samples import TrackSample
from sightglass_worker.domain.score.runs import LOST, STEP_US, Run, Series, smoothed

# Two seconds, a new one each second.
_WINDOW: Final = 20
_WINDOW_STEP: Final = 10
# Frame sizes. On a shorter way in a window the jerk is that of the box's rounding.
_SHORTEST_WAY: Final = 0.05
# A rhythm takes 0.3 to 3 s, and is seen in a run of at least three seconds, twice at least.
_SHORTEST_BEAT: Final = 3
_LONGEST_BEAT: Final = 30
_SHORTEST_RUN: Final = 30
# Frame sizes of deviation below which a signal is the box's rounding.
_LEAST_SWING: Final = 0.01


@dataclass(frozen=True, slots=True)
class Measured:
    """A raw value and where it is from; None if it cannot be told, for the reason in `missing`."""

    raw: float | None
    missing: str | None
    from_us: int
    to_us: int
    count: int


def smoothness(runs: Sequence[Run]) -> Measured:
    """Minus log10 of 1 + squared jerk over two seconds, made dimensionless by time and way; median of all windows.

    The dimensionless squared jerk of Hogan and Sternad (2009), of the smoothed middle of the box.
    """
    found: list[tuple[int, float]] = []
    for run in runs:
        x, y = smoothed(run.x), smoothed(run.y)
        for start in range(0, x.size - _WINDOW + 1, _WINDOW_STEP):
            jerk = _jerk(x[start : start + _WINDOW], y[start : start + _WINDOW])
            if jerk is not None:
                found.append((run.start_us + (start + LOST) * STEP_US, 0.0 - log10(1 + jerk)))
    if not found:
        return _missing("no two seconds of movement without a gap", runs)
    last_us = found[-1][0] + (_WINDOW - 1) * STEP_US
    return Measured(median(value for _, value in found), None, found[0][0], last_us, len(found))


def extent(samples: Sequence[TrackSample]) -> Measured:
    """How far the middle of the box moves (5th to 95th percentile), in own widths and heights."""
    if len(samples) < 2:
        return Measured(None, "nothing tracked", 0, 0, 0)
    boxes = np.array([sample.box for sample in samples])
    middles, sizes = boxes[:, :2] + boxes[:, 2:] / 2, np.median(boxes[:, 2:], axis=0)
    across, down = (_span(middles[:, axis]) / float(sizes[axis]) for axis in (0, 1))
    return Measured(hypot(across, down), None, samples[0].t_us, samples[-1].t_us, len(samples))


def tempo(runs: Sequence[Run]) -> Measured:
    """How alike the movement is to itself one beat later: the highest peak of autocorrelation, 0 to 1.

    Of the middle's way across and down and of the height, whichever repeats best in the longest run.
    """
    run = max(runs, key=lambda run: run.x.size, default=None)
    if run is None or run.x.size < _SHORTEST_RUN:
        return _missing("no three seconds without a gap", runs)
    peaks = [_peak(values) for values in (run.x, run.y, run.height)]
    known = [peak for peak in peaks if peak is not None]
    if not known:
        return _missing("hardly any movement", runs)
    return Measured(max(known), None, run.start_us, run.end_us, run.x.size)


def _missing(reason: str, runs: Sequence[Run]) -> Measured:
    if not runs:
        return Measured(None, reason, 0, 0, 0)
    return Measured(None, reason, runs[0].start_us, runs[-1].end_us, sum(run.x.size for run in runs))


def _jerk(x: Series, y: Series) -> float | None:
    step_s = STEP_US / 1e6
    way = float(np.hypot(np.diff(x), np.diff(y)).sum())
    if way < _SHORTEST_WAY:
        return None
    lasts_s = (x.size - 1) * step_s
    squares = np.square(np.diff(x, 3) / step_s**3) + np.square(np.diff(y, 3) / step_s**3)
    return float(squares.mean()) * lasts_s**6 / way**2


def _span(values: Series) -> float:
    ordered = np.sort(values)
    last = ordered.size - 1
    return float(ordered[round(0.95 * last)] - ordered[round(0.05 * last)])


def _peak(values: Series) -> float | None:
    """The highest peak of autocorrelation within the beats allowed; None if the signal hardly swings."""
    at = np.arange(values.size)
    swing = values - np.polyval(np.polyfit(at, values, 1), at)
    if float(swing.std()) < _LEAST_SWING:
        return None
    longest = min(_LONGEST_BEAT, values.size // 2)
    alike = [_correlation(swing[:-beat], swing[beat:]) for beat in range(1, longest + 2)]
    peaks = [alike[i] for i in range(_SHORTEST_BEAT - 1, longest) if alike[i] >= max(alike[i - 1], alike[i + 1])]
    return max(0.0, *peaks) if peaks else 0.0


def _correlation(a: Series, b: Series) -> float:
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size else 0.0
