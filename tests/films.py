"""Films for tests: where the samples lie, how broken ones are made of them, and drawn ones."""

import io
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from numpy.typing import NDArray

FILMS = Path(__file__).parent / "data" / "video"
Image = NDArray[np.uint8]


def film(name: str) -> bytes:
    """A sample film's bytes."""
    return (FILMS / name).read_bytes()


def without_moov(data: bytes) -> bytes:
    """An MP4 file whose index is not recognised as one."""
    # Not "free": FFmpeg looks for a lost index in free space.
    return data.replace(b"moov", b"zzzz", 1)


def without_decoder(data: bytes) -> bytes:
    """An MP4 file that names a codec that nobody knows."""
    return data.replace(b"avc1", b"zzz1")


def y4m(width: int, height: int, *, frame_bytes: int = 1000) -> bytes:
    """A raw film that claims a size, and has too few bytes for it."""
    return f"YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 C420jpeg\nFRAME\n".encode() + bytes(frame_bytes)


def avi_of_size(width: int, height: int) -> bytes:
    """An AVI file whose headers claim motion JPEG of this size, whatever its packets hold."""
    data = bytearray(film("codecs/bikes1s_mpeg4.avi").replace(b"FMP4", b"MJPG"))
    at = data.index(b"strf") + 12  # after the chunk's name, its length and the structure's own
    data[at : at + 8] = width.to_bytes(4, "little") + height.to_bytes(4, "little")
    return bytes(data)


def encrypted(data: bytes) -> bytes:
    """The first video stream of a film, encrypted as MP4 with common encryption."""
    options = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "00" * 16, "encryption_kid": "11" * 16}
    out = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source, av.open(out, "w", "mp4", container_options=options) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return out.getvalue()


def drawn(
    images: Iterable[Image], *, container: str = "mp4", codec: str = "libx264", times: Iterable[int] = ()
) -> bytes:
    """A film of RGB images (rows, columns, 3) at 25 a second, or at `times` in milliseconds."""
    frames = list(images)
    out = io.BytesIO()
    with av.open(out, "w", container) as target:
        stream = cast("Any", target.add_stream(codec, rate=25))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for image, t_ms in zip(frames, list(times) or range(0, 40 * len(frames), 40), strict=True):
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts, frame.time_base = t_ms, Fraction(1, 1000)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()


def png(image: Image) -> bytes:
    """A picture file."""
    encoder = cast("Any", av.CodecContext.create("png", "w"))
    encoder.height, encoder.width = image.shape[:2]
    encoder.pix_fmt, encoder.time_base = "rgb24", Fraction(1, 25)
    packets = [*encoder.encode(av.VideoFrame.from_ndarray(image, "rgb24")), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


def texture(seed: int, *, rows: int = 72, columns: int = 128) -> Image:
    """A picture of large coloured blocks, another one for each seed."""
    blocks = np.random.default_rng(seed).integers(0, 256, (9, 16, 3), dtype=np.uint8)
    return np.kron(blocks, np.ones((rows // 9, columns // 16, 1), np.uint8)).astype(np.uint8)


def decoded(picture: bytes) -> Image:
    """A JPEG as RGB (rows, columns, 3)."""
    with av.open(io.BytesIO(picture), "r", format="jpeg_pipe") as source:
        return cast("Image", next(source.decode(video=0)).to_ndarray(format="rgb24"))


def repeated(name: str, times: int) -> bytes:
    """A sample film, `times` times in a row, by copying its packets."""
    out = io.BytesIO()
    with av.open(FILMS / name, "r") as source, av.open(out, "w", "mp4") as target:
        source_stream = source.streams.video[0]
        stream = target.add_stream_from_template(source_stream)
        packets = [p for p in source.demux(source_stream) if p.dts is not None]
        length = sum(p.duration or 0 for p in packets)
        for turn in range(times):
            source.seek(0)
            for packet in source.demux(source_stream):
                if packet.dts is None or packet.pts is None:
                    continue
                packet.pts, packet.dts = packet.pts + turn * length, packet.dts + turn * length
                packet.stream = stream
                target.mux(packet)
    return out.getvalue()
