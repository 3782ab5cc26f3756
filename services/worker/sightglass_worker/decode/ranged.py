"""One pass over one range of a film: what is in it, as far as it can be told without the others."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightglass_common.video_errors import CorruptStream, MemoryLimit, VideoTooLong
from sightglass_worker.decode.analysis import THUMBNAIL_SIDE, left_by_scroll_of
from sightglass_worker.decode.container import header_duration_us, open_container, video_stream
from sightglass_worker.decode.frames import in_bursts
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.picture import Picture, Shrinker
from sightglass_worker.decode.planes import Sampler
from sightglass_worker.decode.probe import sample_aspect, shown_size, upright_by
from sightglass_worker.decode.range_frames import UnsoundError, range_clock, range_reader
from sightglass_worker.decode.range_results import (
    PieceFound,
    RangeDone,
    RangeSpan,
    TileFound,
    Unsound,
)
from sightglass_worker.decode.range_told import lit_samples, piece_found
from sightglass_worker.decode.range_watching import RangeWatchers
from sightglass_worker.decode.results import Progress
from sightglass_worker.decode.seams import SeamSum
from sightglass_worker.decode.seeking import SeekLostError, film_clock
from sightglass_worker.decode.source import RangedFile
from sightglass_worker.decode.sprite import TILE_SIDE, SpriteMaker
from sightglass_worker.decode.watching import Seen, Watch
from sightglass_worker.domain.merging.cadence import Steps
from sightglass_worker.domain.merging.range_finder import RangeFinder
from sightglass_worker.domain.scenes.candidates import Role
from sightglass_worker.domain.scenes.signature import Signature, sharpness, signatures

RangeResult = Progress | PieceFound | TileFound | Seen | RangeDone | Unsound

_PROGRESS_S: Final = 0.25


def analyze_range(
    source: RangedFile, limits: Limits, span: RangeSpan, watch: Iterable[Watch] = ()
) -> Iterator[RangeResult]:
    """Decode a range once; yield Progress, PieceFound, TileFound and what watchers find; RangeDone or Unsound last.

    watch: names of watchers; see RangeWatchers for what each of them is shown.
    Raises what open_container and video_stream raise, CorruptStream when no frame of a whole film can be decoded, and
    VideoTooLong when it is found to be longer than its header said.
    """
    with open_container(source, limits) as container:
        try:
            yield from _RangePass(container, video_stream(container, limits), limits, span, watch).run()
        except SeekLostError:
            yield Unsound("lost_key_frame")
        except UnsoundError as error:
            yield Unsound(error.reason)


class _RangePass:
    """The state of one pass, none of which grows with the range."""

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        limits: Limits,
        span: RangeSpan,
        watch: Iterable[Watch],
    ) -> None:
        self._stream = stream
        self._limits = limits
        self._span = span
        self._expected_us = header_duration_us(container, stream)
        self._reader = range_reader(container, stream, span)
        self._clock = range_clock(stream, span)
        self._end_us = None if span.end_pts is None else film_clock(stream, span.first_pts).time_us(span.end_pts)
        self._finder: RangeFinder[Picture] = RangeFinder(first=span.start_pts is None, end_us=self._end_us)
        self._watchers = RangeWatchers(watch, span, self._finder.window, self._end_us)
        self._sampler = Sampler()
        self._sprite = SpriteMaker(self._expected_us)
        self._own = Steps()
        self._head, self._tail = SeamSum(), SeamSum()
        self._stored = (0, 0, "")
        self._rotation = 0
        self._shown = (0, 0)
        self._thumbnails = self._tiles = Shrinker((2, 2), 0, 2)
        self._latest: VideoFrame | None = None

    def run(self) -> Iterator[RangeResult]:
        duration: int | None = None
        reported = time.monotonic()
        for burst in in_bursts(self._reader):
            times_us = [self._clock.time_us(frame.pts) for frame in burst]
            duration = burst[-1].duration
            yield from self._take(burst, times_us)
            if self._finder.window.done:
                yield from self._finish(None)
                return
            if time.monotonic() - reported >= _PROGRESS_S:
                yield Progress(self._own.frames, times_us[-1])
                reported = time.monotonic()
        if self._shown == (0, 0):
            if not self._span.whole:
                raise UnsoundError("lost_key_frame")
            raise MemoryLimit if self._reader.starved else CorruptStream(bad_packets=self._reader.bad_packets)
        yield from self._finish(self._clock.end_us(duration))

    def _take(self, burst: deque[VideoFrame], times_us: list[int]) -> Iterator[RangeResult]:
        if self._shown == (0, 0):
            self._settle(burst[0])
        samples = self._sampler.samples(burst)
        seen = signatures(samples, self._sampler.luma_size, self._sampler.columns)
        for t_us, signature in zip(times_us, seen, strict=True):
            self._check_length(t_us)
            frame = burst.popleft()
            self._look(frame, signature, t_us)
            if self._finder.window.owns_newest:
                self._own.push(t_us)
                # More than are needed: the joined sheet takes those that it would have taken of the whole film.
                if self._sprite.wants(t_us):
                    yield self._tile(frame, t_us)
            yield from self._watchers.look(frame, t_us)
            if self._finder.window.done:
                return
        for piece in self._finder.pieces():
            yield piece_found(piece)

    def _look(self, frame: VideoFrame, signature: Signature, t_us: int) -> None:
        before, self._latest = self._latest, frame
        role = self._finder.push(signature, t_us, partial(left_by_scroll_of, self._sampler, before, frame))
        if role is not Role.NONE:
            luma = self._sampler.luma(signature.samples)
            self._finder.offer(role, sharpness(luma), lambda: self._thumbnails.picture(frame))
        self._note_seam(signature, t_us)

    def _settle(self, frame: VideoFrame) -> None:
        """Take from the first frame what only a frame tells: how it is shown."""
        self._stored = (frame.width, frame.height, frame.format.name)
        self._rotation = upright_by(frame)
        self._shown = shown_size(frame.width, frame.height, sample_aspect(self._stream), self._rotation)
        self._thumbnails = Shrinker(self._shown, self._rotation, THUMBNAIL_SIDE)
        self._tiles = Shrinker(self._shown, self._rotation, TILE_SIDE)

    def _check_length(self, t_us: int) -> None:
        if t_us > self._limits.max_duration_us or self._own.frames >= self._limits.max_frames:
            raise VideoTooLong(duration_us=t_us, frames=self._own.frames)

    def _note_seam(self, signature: Signature, t_us: int) -> None:
        """Keep what shows whether two ranges that meet have decoded the same."""
        window = self._finder.window
        if window.in_head:
            self._head.push(signature, t_us)
        if window.in_tail:
            self._tail.push(signature, t_us)

    def _tile(self, frame: VideoFrame, t_us: int) -> TileFound:
        tile = self._tiles.picture(frame)
        self._sprite.add(t_us, tile)
        planes = b"".join(plane.tobytes() for plane in (tile.y, tile.u, tile.v))
        return TileFound(t_us, tile.width, tile.height, planes)

    def _finish(self, end_us: int | None) -> Iterator[RangeResult]:
        yield from self._watchers.finish()
        for piece in self._finder.finish(ended=end_us is not None):
            yield piece_found(piece)
        cadence = self._own.cadence
        ends = self._finder.ends(cadence)
        width, height = self._shown
        yield RangeDone(
            cadence=cadence,
            first_lit=lit_samples(ends.first_lit),
            last_lit=lit_samples(ends.last_lit),
            level=ends.level,
            head=self._head.text,
            tail=self._tail.text,
            bad_packets=self._reader.bad_packets,
            end_us=end_us,
            expected_frames=self._stream.frames,
            expected_us=self._expected_us,
            stored=self._stored,
            width=width,
            height=height,
            rotation=self._rotation,
            origin_us=self._clock.origin_us,
        )
