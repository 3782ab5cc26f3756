"""Decoding the key frames of a stream alone, each for itself."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, cast

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightglass_worker.decode.clock import LONGEST_US, FrameClock
from sightglass_worker.decode.frames import FrameReader
from sightglass_worker.decode.key_packets import KeyIndex
from sightglass_worker.domain.scenes.key_pace import KeyPace

_MICROSECOND: Final = Fraction(1, 1_000_000)
# From so many lines on, pictures are shown at less than half their size, and edges of blocks are not seen. Smoothing
# them is a fifth of what a key frame of 1080p at 2 Mbit/s takes.
_SMOOTHED_BELOW: Final = 720


class KeyFrameReader(FrameReader):
    """Iterates over the key frames that are worth a look and can be decoded, and counts those that cannot.

    t_us: when the frame that was given last is shown. end_us: where the last frame ends whose packet came by.
    """

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        super().__init__(container, stream)
        for other in container.streams:
            other.discard = Discard.default if other.index == stream.index else Discard.all
        if min(stream.width, stream.height) >= _SMOOTHED_BELOW:
            context = stream.codec_context
            context.options = {**context.options, "skip_loop_filter": "all"}
        time_base = stream.time_base or _MICROSECOND
        self._tick_us = float(time_base * 1_000_000)
        self._clock = FrameClock(time_base, stream.average_rate)
        self._pace = KeyPace()
        self._index = KeyIndex(container, stream)
        self._key: tuple[int | None, int] = (None, 0)  # PTS and time of the newest key frame
        self.t_us = self.end_us = 0

    def __iter__(self) -> Iterator[VideoFrame]:
        for packet, t_us in self._sought() if self._index.whole else self._passing():
            frame = self._decoded(packet)
            if frame is not None:
                self.t_us = t_us
                yield frame

    def _sought(self) -> Iterator[tuple["Packet[VideoStream]", int]]:
        """The key frames that are wanted, and nothing between them is read."""
        for here, following, position in self._index.places():
            if not self._pace.wants(round(here * self._tick_us)):
                continue
            try:
                packet = self._index.packet(here, following, position)
            except FFmpegError:
                packet = None
            if packet is None:
                self.bad_packets += 1
            else:
                yield packet, self._time_us(packet)

    def _passing(self) -> Iterator[tuple["Packet[VideoStream]", int]]:
        """All packets are read, and those of key frames that are wanted given."""
        for packet in self._packets():
            if not packet.size:
                continue  # the end, or a frame that repeats the one before
            if not packet.is_keyframe:
                self._note_end(packet)
                continue
            t_us = self._time_us(packet)
            if self._pace.wants(t_us):
                yield packet, t_us

    def _time_us(self, packet: "Packet[VideoStream]") -> int:
        pts = packet.pts if packet.pts is not None else packet.dts
        if packet.is_discard and pts is not None:
            pts = max(pts, self._stream.start_time or 0)  # the film is cut: it begins later than its first packet
        t_us = self._clock.time_us(pts)
        self._key, self.end_us = (pts, t_us), max(self.end_us, self._clock.end_us(packet.duration))
        return t_us

    def _note_end(self, packet: "Packet[VideoStream]") -> None:
        """Take from a packet that is not decoded how long the film is at least."""
        key_pts, key_us = self._key
        if packet.pts is None or key_pts is None:
            return
        ahead_us = round((packet.pts - key_pts + (packet.duration or 0)) * self._tick_us)
        if ahead_us <= LONGEST_US:  # else the time stamp is damaged
            self.end_us = max(self.end_us, key_us + ahead_us)

    def _decoded(self, packet: "Packet[VideoStream]") -> VideoFrame | None:
        context = self._stream.codec_context
        try:
            if packet.is_discard:
                packet = _shown(packet)
            # Drained, as the decoder would hold it back until it has seen those that follow. Ignored: the stubs leave
            # open of which kind of stream a packet is.
            frames = context.decode(packet) or context.decode(None)  # pyright: ignore[reportUnknownMemberType]
        except FFmpegError as error:
            self._failed(packet, error)
            return None
        finally:
            context.flush_buffers()
        if not frames:
            self.bad_packets += 1
            return None
        return frames[0]


def _shown(packet: "Packet[VideoStream]") -> "Packet[VideoStream]":
    """A packet without the mark that its frame is not to be shown: what is cut off begins the GOP that is shown."""
    shown = cast("Packet[VideoStream]", Packet(bytes(packet)))
    shown.pts, shown.dts, shown.time_base = packet.pts, packet.dts, packet.time_base
    return shown
