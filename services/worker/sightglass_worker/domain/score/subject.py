"""The one thing that a score is of: the track, or tracks one after another, with most area and time."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from sightglass_worker.domain.motion.association import grown, union_share
from sightglass_worker.domain.motion.open_tracks import TrackSample
from sightglass_worker.domain.motion.tracks import Track

# A track goes on in another that starts no later than this after its end, about where it ended.
_JOIN_US: Final = 1_000_000
_JOIN_OVERLAP: Final = 0.1


def subject(tracks: Sequence[Track], boundaries_us: Sequence[int]) -> list[TrackSample]:
    """The samples of the main subject, in order; empty if there are no tracks.

    boundaries_us: where scenes start, ascending. Tracks of two scenes are never joined: nothing
    tells that they show the same thing.
    """
    chains: list[list[Track]] = []
    going: list[list[Track]] = []  # those that may still go on; a long film has thousands of others
    for track in sorted(tracks, key=lambda track: (track.start_us, track.number)):
        going = [chain for chain in going if track.start_us - chain[-1].end_us <= _JOIN_US]
        chain = _continued_by(track, going, boundaries_us)
        if chain is None:
            chains.append([track])
            going.append(chains[-1])
        else:
            chain.append(track)
    if not chains:
        return []
    # Of equals the one that starts first.
    most = max(chains, key=lambda chain: (sum(map(_extent, chain)), -chain[0].start_us, -chain[0].number))
    return [sample for track in most for sample in track.samples]


def _extent(track: Track) -> float:
    """Area times time, in samples."""
    return sum(sample.box.width * sample.box.height for sample in track.samples)


def _continued_by(track: Track, chains: Sequence[list[Track]], boundaries_us: Sequence[int]) -> list[Track] | None:
    """The chain that most likely goes on in a track."""
    scene = bisect_right(boundaries_us, track.start_us)
    fits = [
        (overlap, number)
        for number, chain in enumerate(chains)
        if chain[-1].end_us < track.start_us
        and bisect_right(boundaries_us, chain[-1].end_us) == scene
        and (overlap := _overlap(chain[-1], track)) >= _JOIN_OVERLAP
    ]
    return chains[max(fits)[1]] if fits else None


def _overlap(before: Track, after: Track) -> float:
    return union_share(grown(before.samples[-1].box), grown(after.samples[0].box))
