"""The result of a film out of those of its ranges: what a run over the whole film gives."""

from collections.abc import Iterator
from dataclasses import replace

from sightglass_worker.decode.range_results import RangeDone
from sightglass_worker.decode.results import Analysis, SceneFound, Thumbnail
from sightglass_worker.domain.merging.joiner import JoinedScene, SceneJoiner
from sightglass_worker.domain.scenes.completeness import missing
from sightglass_worker.ranges.found import RangeFound, ends_of, pieces_of


class SeamDiffersError(Exception):
    """Two ranges that meet have not decoded the same: only a run over the whole film can be believed."""


class FilmJoiner:
    """Takes ranges in order. Holds no more than the newest of them."""

    def __init__(self) -> None:
        self._joiner: SceneJoiner[Thumbnail] = SceneJoiner()
        self._tail = ""
        self._origin_us: int | None = None
        self._first: RangeDone | None = None
        self._last: RangeDone | None = None
        self._bad_packets = 0
        self._scenes = 0

    def push(self, found: RangeFound) -> Iterator[SceneFound]:
        """Take the next range; yield the scenes that are now complete. Raises SeamDiffersError."""
        done = found.done
        if self._first is not None and (self._tail != done.head or _kind(self._first) != _kind(done)):
            raise SeamDiffersError
        self._tail = done.tail
        self._origin_us = done.origin_us if self._first is None or self._origin_us == done.origin_us else None
        self._first, self._last = self._first or done, done
        self._bad_packets += done.bad_packets
        pieces = pieces_of(found)
        try:
            for joined in self._joiner.push(pieces, ends_of(found)):
                yield self._found(joined)
        except ValueError as error:  # times that do not ascend
            raise SeamDiffersError from error

    def finish(self) -> tuple[list[SceneFound], Analysis]:
        """The last scene, and the film's analysis. Raises SeamDiffersError when no range came to the film's end."""
        first, last = self._first, self._last
        if first is None or last is None or last.end_us is None:
            raise SeamDiffersError
        cadence, duration_us = self._joiner.cadence, last.end_us
        scenes = [self._found(joined) for joined in self._joiner.finish(duration_us)]
        reason = missing(
            bad_packets=self._bad_packets,
            frames=cadence.frames,
            expected_frames=first.expected_frames,
            duration_us=duration_us,
            expected_us=first.expected_us,
        )
        analysis = Analysis(
            frames=cadence.frames,
            duration_us=duration_us,
            scenes=self._scenes,
            bad_packets=self._bad_packets,
            partial=reason is not None,
            partial_reason=reason,
            variable_rate=cadence.variable,
            width=first.width,
            height=first.height,
            rotation=first.rotation,
            origin_us=self._origin_us,
        )
        return scenes, analysis

    def _found(self, joined: JoinedScene[Thumbnail]) -> SceneFound:
        number, self._scenes = self._scenes, self._scenes + 1
        picture = joined.best.picture
        return SceneFound(number, joined.scene, replace(picture, sharpness=round(picture.sharpness, 3)))


def _kind(done: RangeDone) -> tuple[object, ...]:
    """What all ranges of a film share: all that a pass settles by its first frame."""
    return done.stored, done.width, done.height, done.rotation, done.expected_frames, done.expected_us
