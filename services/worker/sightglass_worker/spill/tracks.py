"""Tracks that are over, on a disk."""

from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from sightglass_worker.domain.motion.track_samples import BYTES_EACH, PackedSamples, TrackSample
from sightglass_worker.spill.file import Spill


class SpilledTracks:
    """KeptTracks on a disk: of each track 24 bytes stay in memory. Without key points."""

    def __init__(self, spill: Spill) -> None:
        self._spill = spill
        self._places = array("q")  # where a track begins, and how many samples it has
        self._firsts_us = array("q")

    def add(self, samples: Sequence[TrackSample]) -> None:
        """Keep the samples of one more track. Raises OutOfDisk."""
        packed = samples if isinstance(samples, PackedSamples) else PackedSamples(samples)
        self._places.extend((self._spill.append(packed.tobytes()), len(packed)))
        self._firsts_us.append(samples[0].t_us)

    def __len__(self) -> int:
        return len(self._firsts_us)

    def __iter__(self) -> Iterator[Sequence[TrackSample]]:
        order = np.argsort(np.frombuffer(self._firsts_us, np.int64), kind="stable")
        for _, together in groupby(map(int, order), self._firsts_us.__getitem__):
            yield from sorted(map(self._samples, together), key=lambda samples: samples[0].box)

    def _samples(self, number: int) -> PackedSamples:
        start, count = self._places[2 * number : 2 * number + 2]
        return PackedSamples.of_bytes(self._spill.read(start, count * BYTES_EACH))
