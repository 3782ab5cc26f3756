"""The performance score: 0 to 100, from named parts, each with all that it was made of. See docs/score.md."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sightglass_worker.domain.motion.track_samples import TrackSample
from sightglass_worker.domain.motion.tracks import Track
from sightglass_worker.domain.score.parts import Measured, extent, smoothness, tempo
from sightglass_worker.domain.score.runs import GAP_US, runs
from sightglass_worker.domain.score.subject import subject
from sightglass_worker.domain.score.symmetry import symmetry

# To be raised whenever the same tracks would get another score.
SCORE_VERSION: Final = 1
_LEAST_COVERAGE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score.

    raw: as measured. reference: the raw values that score 0 and 100; between them a straight line.
    weight: before parts that are missing are left out. score: 0 to 100. missing: why raw and score
    are None. from_us, to_us, count: the stretch and number of the values that it was made of.
    """

    name: str
    raw: float | None
    reference: tuple[float, float]
    weight: float
    score: float | None
    missing: str | None
    from_us: int
    to_us: int
    count: int


@dataclass(frozen=True, slots=True)
class Score:
    """total: 0 to 100, the weighted mean of the parts that there are; None for the `reason`."""

    version: int
    total: float | None
    reason: str | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    weight: float


# References are this project's own, set on drawn movements (docs/score.md), not from a study of people.
_SCALES: Final = {
    "coverage": _Scale(0.2, 0.9, 0.20),
    "smoothness": _Scale(-5.0, -3.0, 0.25),
    "range": _Scale(0.1, 3.0, 0.20),
    "tempo": _Scale(0.3, 0.9, 0.20),
    "symmetry": _Scale(0.5, 1.0, 0.15),
}


def performance_score(
    tracks: Collection[Track],
    samples_us: Sequence[int],
    boundaries_us: Sequence[int],
    *,
    gap_us: int = GAP_US,
    aspect: float = 1.0,
) -> Score:
    """Score the main subject of a film, of whose tracks all are found by one method.

    tracks: in order of start. samples_us: times of all samples that were looked at, ascending. boundaries_us: where
    scenes start, ascending. gap_us: a longer pause between samples is a gap. aspect: width of the picture by its
    height; poses need it.
    """
    samples = subject(tracks, boundaries_us)
    stretches = list(runs(samples, gap_us))
    names = next((track.keypoint_names for track in tracks), ())
    measured = {
        "coverage": _coverage(samples, samples_us),
        "smoothness": smoothness(stretches),
        "range": extent(samples),
        "tempo": tempo(stretches),
        "symmetry": symmetry(samples, names, aspect),
    }
    parts = tuple(_part(name, value) for name, value in measured.items())
    if (measured["coverage"].raw or 0.0) < _LEAST_COVERAGE:
        return Score(SCORE_VERSION, None, "nothing tracked for long enough", parts)
    known = [(part.score, part.weight) for part in parts if part.score is not None]
    total = sum(score * weight for score, weight in known) / sum(weight for _, weight in known)
    return Score(SCORE_VERSION, round(total, 1), None, parts)


def _coverage(samples: Sequence[TrackSample], samples_us: Sequence[int]) -> Measured:
    if not samples_us:
        return Measured(None, "no samples", 0, 0, 0)
    return Measured(len(samples) / len(samples_us), None, samples_us[0], samples_us[-1], len(samples_us))


def _part(name: str, measured: Measured) -> Part:
    scale, raw = _SCALES[name], measured.raw
    share = None if raw is None else (raw - scale.low) / (scale.high - scale.low)
    return Part(
        name=name,
        raw=None if raw is None else round(raw, 4),
        reference=(scale.low, scale.high),
        weight=scale.weight,
        score=None if share is None else round(100 * min(1.0, max(0.0, share)), 1),
        missing=measured.missing,
        from_us=measured.from_us,
        to_us=measured.to_us,
        count=measured.count,
    )
