"""One second of the same film in every codec that is taken, made when it is needed."""

import io
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Final, cast

import av
from tests.films import FILMS


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec in a container. codec: what a probe calls it."""

    container: str
    encoder: str
    codec: str
    pix_fmt: str = "yuv420p"
    bit_depth: int = 8


ENCODINGS: Final = {
    "h264": Encoding("mp4", "libx264", "h264"),
    "h264 10 bit": Encoding("matroska", "libx264", "h264", "yuv420p10le", 10),
    "hevc 10 bit": Encoding("mov", "libx265", "hevc", "yuv420p10le", 10),
    "vp8": Encoding("webm", "libvpx", "vp8"),
    "vp9": Encoding("webm", "libvpx-vp9", "vp9"),
    "vp9 in ivf": Encoding("ivf", "libvpx-vp9", "vp9"),
    "av1": Encoding("matroska", "libsvtav1", "av1"),
    "mpeg2": Encoding("mpegts", "mpeg2video", "mpeg2video"),
    "mpeg2 program stream": Encoding("vob", "mpeg2video", "mpeg2video"),
    "mpeg2 in mxf": Encoding("mxf", "mpeg2video", "mpeg2video"),
    "mpeg4": Encoding("avi", "mpeg4", "mpeg4"),
    "prores": Encoding("mov", "prores_ks", "prores", "yuv422p10le", 10),
    "mjpeg": Encoding("avi", "mjpeg", "mjpeg", "yuvj420p"),
    "wmv2": Encoding("asf", "wmv2", "wmv2"),
    "flv1": Encoding("flv", "flv", "flv1"),
    "ffv1": Encoding("matroska", "ffv1", "ffv1"),
    "gif": Encoding("gif", "gif", "gif", "rgb8"),
    "raw": Encoding("yuv4mpegpipe", "wrapped_avframe", "rawvideo"),
    "raw rgb": Encoding("avi", "rawvideo", "rawvideo", "bgr24"),
}


@cache
def encoded(name: str, *, frames: int = 25, width: int = 160, height: int = 90, aspect: str = "1/1") -> bytes:
    """Frames of a sample film, 25 a second, at this size in an encoding."""
    how, out = ENCODINGS[name], io.BytesIO()
    with av.open(FILMS / "bikes.mp4", "r") as source, av.open(out, "w", how.container) as target:
        stream = cast("Any", target.add_stream(how.encoder, rate=25))
        stream.width, stream.height, stream.pix_fmt = width, height, how.pix_fmt
        stream.codec_context.time_base = Fraction(1, 25)
        stream.codec_context.thread_count = 1
        stream.codec_context.sample_aspect_ratio = Fraction(aspect)
        if how.encoder == "libsvtav1":
            stream.options = {"preset": "13", "svtav1-params": "lp=1"}
        if how.encoder == "libx265":
            stream.options = {"x265-params": "log-level=none:pools=1"}
        for number, frame in zip(range(frames), source.decode(video=0), strict=False):
            small = frame.reformat(width, height, how.pix_fmt, threads=1)
            small.pts, small.time_base = number, Fraction(1, 25)
            target.mux(stream.encode(small))
        target.mux(stream.encode(None))
    return out.getvalue()


def with_subtitles(data: bytes) -> bytes:
    """The first video stream of a film, in Matroska with a track of subtitles, which has no lines."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source, av.open(out, "w", "matroska") as target:
        video = target.add_stream_from_template(source.streams.video[0])
        target.add_stream("ass")
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = video
                target.mux(packet)
    return out.getvalue()
