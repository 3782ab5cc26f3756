"""What a film is, from its header and its first frame."""

from contextlib import suppress
from typing import Final

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightglass_common.video_errors import EncryptedMedia
from sightglass_worker.decode.container import (
    container_name,
    header_duration_us,
    open_container,
    start_offset_us,
    video_stream,
)
from sightglass_worker.decode.glance_file import GlanceFile
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.planes import quarter_turns
from sightglass_worker.decode.results import AudioStream, Probe
from sightglass_worker.decode.source import DescriptorFile, RangedFile

# Rotation stands on the frames. A first frame that is damaged is not looked for further than this.
_FIRST_PACKETS: Final = 4
_ENCRYPTION: Final = ("encryption_info", "encryption_init_info")


def probe(source: RangedFile | DescriptorFile | GlanceFile, limits: Limits) -> Probe:
    """Read the header and the first frame of a film.

    Raises, of sightglass_common.errors: EmptyFile, NotAVideo, CorruptContainer, NoVideoStream,
    UnsupportedCodec, EncryptedMedia, DimensionsTooLarge, VideoTooLong, ObjectTooLarge.
    """
    with open_container(source, limits) as container:
        stream = video_stream(container, limits)
        frame = None
        with suppress(FFmpegError):  # a demuxer that fails does not hide what the header says
            frame = _first_frame(container, stream)
        return _describe(container, stream, upright_by(frame) if frame else 0, source.size_bytes)


def refuse_encrypted(packet: "Packet[VideoStream]") -> None:
    """Raise EncryptedMedia if a packet carries the mark of common encryption."""
    if any(packet.has_sidedata(kind) for kind in _ENCRYPTION):
        raise EncryptedMedia


def shown_size(width: int, height: int, aspect: tuple[int, int], rotation: int) -> tuple[int, int]:
    """Size in pixels as shown: stored size, widened by the sample aspect, then turned."""
    wide = max(1, round(width * aspect[0] / aspect[1]))
    return (height, wide) if rotation % 180 == 90 else (wide, height)


def upright_by(frame: VideoFrame) -> int:
    """Degrees counter-clockwise by which a frame is turned to be shown: 0, 90, 180 or 270."""
    return 90 * quarter_turns(frame)


def sample_aspect(stream: VideoStream) -> tuple[int, int]:
    """Width to height of one stored sample, (1, 1) if the header has none or an absurd one."""
    aspect = stream.sample_aspect_ratio
    if aspect is None or not 0.1 <= aspect <= 10:
        return (1, 1)
    return (aspect.numerator, aspect.denominator)


def _sound(stream: av.AudioStream) -> AudioStream:
    # The stubs deny it, but a stream that no decoder fits has no codec context.
    context = getattr(stream, "codec_context", None)
    return AudioStream(context.name, context.channels, context.rate) if context else AudioStream("unknown", 0, 0)


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    for count, packet in enumerate(container.demux(stream), 1):
        refuse_encrypted(packet)
        try:
            # Ignored: the stubs leave open of which kind of stream a packet is.
            frames = packet.decode() or stream.decode(None)  # pyright: ignore[reportUnknownMemberType]
        except FFmpegError:
            frames = []  # a damaged beginning does not hide what the header says
        if frames:
            return frames[0]
        if count == _FIRST_PACKETS:
            return None
        stream.codec_context.flush_buffers()
    return None


def _describe(container: InputContainer, stream: VideoStream, rotation: int, size_bytes: int) -> Probe:
    context = stream.codec_context
    aspect = sample_aspect(stream)
    width, height = shown_size(stream.width, stream.height, aspect, rotation)
    rate, nominal = stream.average_rate, stream.base_rate
    return Probe(
        container=container_name(container),
        codec=context.codec.canonical_name,
        profile=context.profile,
        pix_fmt=context.pix_fmt or "unknown",
        bit_depth=max((c.bits for c in context.format.components), default=8) if context.format else 8,
        coded_width=stream.width,
        coded_height=stream.height,
        width=width,
        height=height,
        rotation=rotation,
        sample_aspect=aspect,
        average_rate=round(float(rate), 6) if rate else None,
        variable_rate=bool(rate and nominal and abs(rate / nominal - 1) > 0.01),
        duration_us=header_duration_us(container, stream),
        frames=stream.frames or None,
        start_offset_us=start_offset_us(stream),
        audio=tuple(_sound(stream) for stream in container.streams.audio),
        size_bytes=size_bytes,
    )
