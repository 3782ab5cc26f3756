"""Samples of tracks that are over, packed: a long film has hundreds of thousands."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import cast, overload

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.open_tracks import TrackSample

_SIDES = 4


class PackedSamples(Sequence[TrackSample]):
    """Samples without key points: 40 bytes each, where objects of their own take 270."""

    __slots__ = ("_sides", "_times_us")

    def __init__(self, samples: Iterable[TrackSample]) -> None:
        self._times_us = array("q")
        self._sides = array("d")
        for sample in samples:
            self._times_us.append(sample.t_us)
            self._sides.extend(sample.box)

    def __len__(self) -> int:
        return len(self._times_us)

    @overload
    def __getitem__(self, at: int) -> TrackSample: ...
    @overload
    def __getitem__(self, at: slice) -> list[TrackSample]: ...
    def __getitem__(self, at: int | slice) -> TrackSample | list[TrackSample]:
        """A sample, or several."""
        if isinstance(at, slice):
            return [self._sample(number) for number in range(*at.indices(len(self)))]
        return self._sample(range(len(self))[at])

    def __iter__(self) -> Iterator[TrackSample]:
        return map(self._sample, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PackedSamples | list) and list(self) == list(cast("list[TrackSample]", other))

    __hash__ = None  # type: ignore[assignment]  # as a list's

    def __repr__(self) -> str:
        return repr(list(self))

    def _sample(self, number: int) -> TrackSample:
        return TrackSample(self._times_us[number], Box(*self._sides[number * _SIDES : (number + 1) * _SIDES]))


def packed(samples: Sequence[TrackSample]) -> Sequence[TrackSample]:
    """The same samples, smaller where they can be."""
    return samples if any(sample.keypoints is not None for sample in samples) else PackedSamples(samples)
