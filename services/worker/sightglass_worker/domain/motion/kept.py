"""Where the samples of tracks are kept that are over, until all tracks of a film are known."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from sightglass_worker.domain.motion.track_samples import TrackSample


class KeptTracks(Protocol):
    """Takes tracks in any order, and gives them in order: by when they start, then by where."""

    def add(self, samples: Sequence[TrackSample]) -> None:
        """Keep the samples of one more track."""
        ...

    def __len__(self) -> int:
        """How many tracks there are."""
        ...

    def __iter__(self) -> Iterator[Sequence[TrackSample]]:
        """The samples of each track, as often as is asked for."""
        ...


class HeldTracks:
    """Keeps them in memory: for a film that shows few."""

    def __init__(self) -> None:
        self._tracks: list[Sequence[TrackSample]] = []

    def add(self, samples: Sequence[TrackSample]) -> None:
        """Keep the samples of one more track."""
        self._tracks.append(samples)

    def __len__(self) -> int:
        return len(self._tracks)

    def __iter__(self) -> Iterator[Sequence[TrackSample]]:
        return iter(sorted(self._tracks, key=lambda samples: (samples[0].t_us, samples[0].box)))
