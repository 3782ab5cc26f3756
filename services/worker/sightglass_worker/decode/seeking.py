"""Where a film may be cut into ranges, and how a decoder comes to such a place without all that is before it."""

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import islice
from typing import Final

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from sightglass_common.video_errors import CorruptStream
from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.container import header_duration_us, open_container, video_stream
from sightglass_worker.decode.frames import FrameReader
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.range_results import FilmPlan
from sightglass_worker.decode.source import RangedFile

# Packets after a key frame within which it must be shown: no codec reorders more.
_REORDERED: Final = 64
# How far before a key frame a demuxer is sent that has overshot it, in seconds.
_EARLIER_S: Final = (0, 2, 10, 60)


class SeekLostError(Exception):
    """The demuxer does not find a key frame again that it has found before."""


class ScatteredError(Exception):
    """To look for key frames took more reading than it may."""


def plan(source: RangedFile, limits: Limits, range_us: int) -> FilmPlan:
    """Find the first key frame after each `range_us` of a film from which decoding can begin.

    Reads little: the header, the first frame, and a few packets at each place. Raises what open_container and
    video_stream raise, and CorruptStream when no frame can be decoded.
    """
    try:
        with open_container(source, limits) as container:
            return _plan(container, video_stream(container, limits), range_us)
    except ScatteredError:
        return FilmPlan(0, whole_because="scattered")


def _plan(container: InputContainer, stream: VideoStream, range_us: int) -> FilmPlan:
    first = next(iter(FrameReader(container, stream)), None)
    if first is None:
        raise CorruptStream
    length_us = header_duration_us(container, stream)
    if first.pts is None or stream.time_base is None:
        return FilmPlan(0, whole_because="no_timestamps")
    if length_us is None:
        return FilmPlan(first.pts, whole_because="length_unknown")
    keys: list[int] = []
    for at_us in range(range_us, length_us, range_us):
        key = _key_after(container, stream, first.pts + round(Fraction(at_us, 1_000_000) / stream.time_base))
        if key is not None and key > max(keys, default=first.pts):
            keys.append(key)
    clock = film_clock(stream, first.pts)
    times_us = tuple(clock.time_us(key) for key in keys)
    return FilmPlan(first.pts, tuple(keys), times_us, None if keys else "no_key_frames")


def at_key_frame(container: InputContainer, stream: VideoStream, key_pts: int) -> "Packet[VideoStream]":
    """Go to a key frame and return its packet; what is demuxed next follows it. Raises SeekLostError."""
    second = 1 / stream.time_base if stream.time_base else 1
    for earlier_s in _EARLIER_S:
        with suppress(FFmpegError):
            container.seek(key_pts - round(earlier_s * second), stream=stream)
            for packet in container.demux(stream):
                if packet.is_keyframe and packet.pts == key_pts:
                    return packet
                if packet.dts is not None and packet.dts > key_pts:
                    break  # overshot: a frame is never decoded after it is shown
    raise SeekLostError


def film_clock(stream: VideoStream, first_pts: int) -> FrameClock:
    """A clock that has seen the film's first frame."""
    clock = FrameClock(stream.time_base or Fraction(1, 1_000_000), stream.average_rate)
    clock.time_us(first_pts)
    return clock


def _key_after(container: InputContainer, stream: VideoStream, pts: int) -> int | None:
    """The PTS of a key frame at or shortly after a PTS, if decoding that begins there shows it first."""
    with suppress(FFmpegError):
        container.seek(pts, stream=stream, backward=False)
        packets = container.demux(stream)
        for packet in packets:
            if packet.is_keyframe and packet.pts is not None and packet.pts >= pts:
                return packet.pts if _shows_first(packet, packets) else None
    return None


def _shows_first(key: "Packet[VideoStream]", packets: "Iterator[Packet[VideoStream]]") -> bool:
    # What is shown before a key frame, but comes after it, belongs to the range before: it is left out.
    shown = (frame for packet in (key, *islice(packets, _REORDERED)) for frame in packet.decode())
    times = (frame.pts for frame in shown if frame.pts is not None)
    return next((pts for pts in times if key.pts is not None and pts >= key.pts), None) == key.pts
