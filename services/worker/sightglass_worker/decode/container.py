"""Opening a container of foreign bytes: which formats and codecs are let in, and what refuses the rest."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, Never

import av
import av.subtitles.codeccontext
import av.subtitles.stream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from sightglass_common.errors import ObjectTooLarge
from sightglass_common.video_errors import (
    CorruptContainer,
    DimensionsTooLarge,
    EmptyFile,
    NotAVideo,
    NoVideoStream,
    ProcessorLimit,
    UnsupportedCodec,
    VideoTooLong,
)
from sightglass_worker.decode.glance_file import GlanceFile
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.sniff import HEAD_BYTES, check_raw_size, looks_like_video, unreadable
from sightglass_worker.decode.source import DescriptorFile, RangedFile

# Containers that hold what they show. Playlists (HLS, DASH, concat) and picture sequences, which
# name other files, are not among them.
FORMATS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,yuv4mpegpipe,gif,ivf"
_WEBM_CODECS: Final = {"vp8", "vp9", "av1", "libdav1d", "libaom-av1", "vorbis", "opus", "libopus", "libvorbis"}
# A decoder is opened for each stream of a container, at more than a megabyte each.
_OPTIONS: Final = {"format_whitelist": FORMATS, "protocol_whitelist": "none", "max_streams": "100"}
# Pictures and metadata that players do not play as the film.
_COVER: Final = Disposition.attached_pic | Disposition.timed_thumbnails
# The edges of blocks are smoothed (H.264, 8.7) only in frames of which others are made: the rest shows them a little
# more, nothing drifts, and decoding costs 2 to 3 % less.
_UNSMOOTHED: Final = {"skip_loop_filter": "noref"}
# Seconds for a pixel that only repeats the frame before: its byte and a half are copied at 15 GB/s. What moves takes
# ten times as long.
_LEAST_S: Final = 1e-10
# Headers of these tell on the film's own clock when it ends, and some writers how long it lasts instead.
_END_FOR_LENGTH: Final = frozenset({"matroska,webm", "asf"})
# PyAV would import these at their first need, when the sandbox lets no file be opened any more.
PRELOADED: Final = (av.subtitles.codeccontext, av.subtitles.stream)
# Below what malloc takes from the kernel anew for every read.
_IO_BYTES: Final = 64 * 1024


def _open_nothing(*_args: object, **_kwargs: object) -> Never:
    msg = "a container may not open other files"
    raise PermissionError(msg)


@contextmanager
def open_container(source: RangedFile | DescriptorFile | GlanceFile, limits: Limits) -> Generator[InputContainer]:
    """Open a container whatever its name, and nothing that it refers to.

    Raises EmptyFile, ObjectTooLarge, NotAVideo, CorruptContainer or DimensionsTooLarge.
    """
    if source.size_bytes == 0:
        raise EmptyFile
    if source.size_bytes > limits.max_bytes:
        raise ObjectTooLarge(size_bytes=source.size_bytes, max_bytes=limits.max_bytes)
    head = source.read(HEAD_BYTES)
    source.seek(0)
    if not looks_like_video(head):
        raise NotAVideo("The first bytes are not those of a video container.")
    check_raw_size(head, limits.max_pixels)
    try:
        container = av.open(
            source,
            "r",
            options=_OPTIONS,
            buffer_size=_IO_BYTES,
            io_open=_open_nothing,
            metadata_errors="replace",  # a title that is not UTF-8 makes no film unreadable
        )
    except (FFmpegError, ValueError) as error:
        raise unreadable(head) from error
    with container:
        yield container


def video_stream(container: InputContainer, limits: Limits) -> VideoStream:
    """The first video stream that is no cover picture, with one decoder thread, within the limits.

    Raises NoVideoStream, UnsupportedCodec, DimensionsTooLarge, VideoTooLong or ProcessorLimit, all before any decode.
    """
    streams = [s for s in container.streams.video if not s.disposition & _COVER]
    if not streams:
        raise NoVideoStream
    stream = streams[0]
    # The stubs deny it, but a stream that no decoder fits has no codec context.
    context = getattr(stream, "codec_context", None)
    if context is None:
        raise UnsupportedCodec
    if stream.width * stream.height > limits.max_pixels:
        detail = f"Frames of {stream.width}x{stream.height} are not decoded."
        raise DimensionsTooLarge(detail, width=stream.width, height=stream.height)
    if stream.width <= 0 or stream.height <= 0:
        raise CorruptContainer("The video stream has no dimensions.")
    _check_length(container, stream, limits)
    _check_work(container, stream, limits)
    stream.codec_context.thread_count = 1
    stream.codec_context.thread_type = "NONE"
    # A stream may change its size on the way; the decoder itself refuses to follow beyond this.
    stream.codec_context.options = {"max_pixels": str(limits.max_pixels), **_UNSMOOTHED}
    return stream


def container_name(container: InputContainer) -> str:
    """What a person calls the container: mp4, mov, 3gp, webm, matroska; else FFmpeg's name of its demuxer."""
    names = container.format.name.split(",")
    if "mp4" in names:
        brand = container.metadata.get("major_brand", "qt").strip().lower()  # QuickTime is older than brands
        return "mov" if brand == "qt" else "3gp" if brand.startswith(("3gp", "3g2")) else "mp4"
    if "webm" in names:
        # The demuxer does not tell the document type; WebM is Matroska with none but these codecs.
        codecs = {s.codec_context.name for s in (*container.streams.video, *container.streams.audio) if s.codec_context}
        return "webm" if codecs <= _WEBM_CODECS else "matroska"
    return names[0]


def header_duration_us(container: InputContainer, stream: VideoStream) -> int | None:
    """The length that the header claims, in microseconds; None where it claims none.

    Of a film whose clock does not begin at zero, the least that the header may mean.
    """
    claimed_us = _claimed_us(container, stream)
    start_us = start_offset_us(stream)
    if claimed_us is None or container.format.name not in _END_FOR_LENGTH or not 0 < start_us < claimed_us:
        return claimed_us
    return claimed_us - start_us


def start_offset_us(stream: VideoStream) -> int:
    """What the film's own clock shows at its first frame, in microseconds; 0 where the header does not tell."""
    return round((stream.start_time or 0) * (stream.time_base or 0) * 1_000_000)


def _claimed_us(container: InputContainer, stream: VideoStream) -> int | None:
    if stream.duration is not None and stream.time_base is not None and stream.duration > 0:
        return round(stream.duration * stream.time_base * 1_000_000)
    return container.duration if container.duration and container.duration > 0 else None


def _check_length(container: InputContainer, stream: VideoStream, limits: Limits) -> None:
    duration_us = header_duration_us(container, stream)
    if duration_us is not None and duration_us > limits.max_duration_us:
        raise VideoTooLong(duration_us=duration_us, max_duration_us=limits.max_duration_us)
    if stream.frames > limits.max_frames:
        raise VideoTooLong(frames=stream.frames, max_frames=limits.max_frames)


def _check_work(container: InputContainer, stream: VideoStream, limits: Limits) -> None:
    """Refuse what cannot be decoded within the limit of processor time, before any of it is spent."""
    seconds = (header_duration_us(container, stream) or 0) / 1_000_000
    frames = max(stream.frames, seconds * float(stream.average_rate or 0))
    needed_s = frames * stream.width * stream.height * _LEAST_S
    if needed_s > limits.cpu_s:
        detail = f"{frames:.0f} frames of {stream.width}x{stream.height} take {needed_s:.0f} s at the very least."
        raise ProcessorLimit(detail, limit_s=limits.cpu_s)
