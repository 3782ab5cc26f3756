"""The frames of a range as they are decoded from its key frame on, checked against what a range relies on."""

from collections.abc import Iterator
from fractions import Fraction

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.frames import FrameReader
from sightglass_worker.decode.range_results import RangeSpan
from sightglass_worker.decode.seeking import at_key_frame, film_clock


class UnsoundError(Exception):
    """The film cannot be taken in ranges. reason: as in Unsound."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RangeReader(FrameReader):
    """Iterates over frames from a range's first on, beyond its end; counts the range's own packets that are bad.

    A packet is the range's whose time of display it is in: what is shown before a key frame but comes after it is
    decoded by the range before, too. Raises UnsoundError and SeekLostError.
    """

    def __init__(self, container: InputContainer, stream: VideoStream, span: RangeSpan) -> None:
        super().__init__(container, stream)
        self._span = span
        self._shown_pts: int | None = None

    def __iter__(self) -> Iterator[VideoFrame]:
        bad = 0
        for packet in self._packets():
            try:
                frames = packet.decode()
            except FFmpegError as error:
                self._failed(packet, error)
                if packet.pts is None and packet.dts is None:
                    raise UnsoundError("no_timestamps") from error
                frames = []
            if self._owns(packet.dts if packet.pts is None else packet.pts):
                bad = self.bad_packets
            else:
                self.bad_packets = bad
            yield from self._sound(frames)

    def _packets(self) -> "Iterator[Packet[VideoStream]]":
        if self._span.start_pts is not None:
            yield at_key_frame(self._container, self._stream, self._span.start_pts)
        yield from super()._packets()

    def _sound(self, frames: list[VideoFrame]) -> Iterator[VideoFrame]:
        first_pts = self._span.first_pts if self._span.start_pts is None else self._span.start_pts
        for frame in frames:
            if frame.pts is None:
                raise UnsoundError("no_timestamps")
            if self._shown_pts is None:
                if frame.pts < first_pts:
                    continue
                if frame.pts > first_pts:
                    raise UnsoundError("lost_key_frame")
            elif frame.pts < self._shown_pts:
                raise UnsoundError("times_jump")
            self._shown_pts = frame.pts
            yield frame

    def _owns(self, pts: int | None) -> bool:
        if pts is None:
            return True
        start, end = self._span.start_pts, self._span.end_pts
        return (start is None or pts >= start) and (end is None or pts < end)


def range_reader(container: InputContainer, stream: VideoStream, span: RangeSpan) -> FrameReader:
    """What reads a range; all of a film is read whatever its times are."""
    return FrameReader(container, stream) if span.whole else RangeReader(container, stream, span)


def range_clock(stream: VideoStream, span: RangeSpan) -> FrameClock:
    """What gives the frames of a range their times in the film."""
    if span.start_pts is None:
        return FrameClock(stream.time_base or Fraction(1, 1_000_000), stream.average_rate)
    return film_clock(stream, span.first_pts)
