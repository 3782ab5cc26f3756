"""Samples of tracks, packed: a long film has hundreds of thousands."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, cast, overload

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pose.keypoints import Keypoints


class TrackSample(NamedTuple):
    """Where a track's thing was. keypoints: of its pose, if the track's method finds one."""

    t_us: int
    box: Box
    keypoints: Keypoints | None = None


_SIDES: Final = 4
_TIME_BYTES: Final = 8
BYTES_EACH: Final = _TIME_BYTES + 8 * _SIDES


class PackedSamples(Sequence[TrackSample]):
    """Samples without key points, in order: 40 bytes each, where objects of their own take 270."""

    __slots__ = ("_sides", "_times_us")

    def __init__(self, samples: Iterable[TrackSample] = ()) -> None:
        self._times_us = array("q")
        self._sides = array("d")
        for sample in samples:
            self.append(sample)

    def append(self, sample: TrackSample) -> None:
        """Take one more."""
        self._times_us.append(sample.t_us)
        self._sides.extend(sample.box)

    def tobytes(self) -> bytes:
        """All of them, BYTES_EACH for each: what `of_bytes` takes, on a machine of the same kind."""
        return self._times_us.tobytes() + self._sides.tobytes()

    @classmethod
    def of_bytes(cls, data: bytes) -> "PackedSamples":
        """The samples that `tobytes` has written. Raises ValueError for a part of one."""
        if len(data) % BYTES_EACH:
            raise ValueError("packed samples end within one")
        found, times = cls(), len(data) // BYTES_EACH * _TIME_BYTES
        found._times_us.frombytes(data[:times])
        found._sides.frombytes(data[times:])
        return found

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
