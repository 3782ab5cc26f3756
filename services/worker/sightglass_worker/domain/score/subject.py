"""The one thing that a score is of: the track, or tracks one after another, with most area and time."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sightglass_worker.domain.motion.association import grown, union_share
from sightglass_worker.domain.motion.track_samples import TrackSample
from sightglass_worker.domain.motion.tracks import Track

# A track goes on in another that starts no later than this after its end, about where it ended.
_JOIN_US: Final = 1_000_000
_JOIN_OVERLAP: Final = 0.1


@dataclass(slots=True)
class _Chain:
    """Tracks, one after another, that may be one thing. extent: their area times time, in samples."""

    tracks: list[Track]
    extent: float

    @property
    def last(self) -> Track:
        return self.tracks[-1]

    def is_over(self, t_us: int) -> bool:
        """Whether no track that starts then may go on with it."""
        return t_us - self.last.end_us > _JOIN_US

    @property
    def rank(self) -> tuple[float, int, int]:
        """The higher, the more of a subject; of equals the one that starts first."""
        return self.extent, -self.tracks[0].start_us, -self.tracks[0].number


def subject(tracks: Iterable[Track], boundaries_us: Sequence[int]) -> list[TrackSample]:
    """The samples of the main subject, in order; empty if there are no tracks.

    tracks: in order of start; only those that may go on, and the best so far, are held. boundaries_us: where scenes
    start, ascending. Tracks of two scenes are never joined: nothing tells that they show the same thing.
    """
    most: _Chain | None = None
    going: list[_Chain] = []
    for track in tracks:
        most = _best(most, [chain for chain in going if chain.is_over(track.start_us)])
        going = [chain for chain in going if not chain.is_over(track.start_us)]
        chain = _continued_by(track, going, boundaries_us)
        if chain is None:
            going.append(_Chain([track], _extent(track)))
        else:
            chain.tracks.append(track)
            chain.extent += _extent(track)
    most = _best(most, going)
    return [sample for track in most.tracks for sample in track.samples] if most else []


def _best(most: _Chain | None, chains: Iterable[_Chain]) -> _Chain | None:
    return max((chain for chain in (most, *chains) if chain is not None), key=lambda chain: chain.rank, default=None)


def _extent(track: Track) -> float:
    """Area times time, in samples."""
    return sum(sample.box.width * sample.box.height for sample in track.samples)


def _continued_by(track: Track, chains: Sequence[_Chain], boundaries_us: Sequence[int]) -> _Chain | None:
    """The chain that most likely goes on in a track."""
    scene = bisect_right(boundaries_us, track.start_us)
    fits = [
        (overlap, number)
        for number, chain in enumerate(chains)
        if chain.last.end_us < track.start_us
        and bisect_right(boundaries_us, chain.last.end_us) == scene
        and (overlap := _overlap(chain.last, track)) >= _JOIN_OVERLAP
    ]
    return chains[max(fits)[1]] if fits else None


def _overlap(before: Track, after: Track) -> float:
    return union_share(grown(before.samples[-1].box), grown(after.samples[0].box))
