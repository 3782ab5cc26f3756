"""Films for the scene benchmark, made of the samples: one in 1080p, and one that is long."""

from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av

SAMPLES = Path(__file__).parent.parent / "tests" / "data" / "video"

FRAMES = 970  # of `full_hd`


def full_hd(path: Path, bit_rate: int | None = None) -> Path:
    """Both sample films, enlarged to 1080p and encoded as x264 does by default for the web: 39 s.

    bit_rate: bits a second, in place of a quality that gives about two million.
    """
    with av.open(str(path), "w") as target:
        stream = cast("Any", target.add_stream("libx264", rate=25, options={"preset": "veryfast", "g": "250"}))
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        if bit_rate is not None:
            stream.bit_rate = bit_rate
        count = 0
        for name in ("bikes.mp4", "big_buck_bunny_0_30.webm"):
            with av.open(str(SAMPLES / name), "r") as source:
                for frame in source.decode(video=0):
                    large = frame.reformat(1920, 1080, "yuv420p", interpolation="BICUBIC")
                    large.pts, large.time_base = count, Fraction(1, 25)
                    count += 1
                    target.mux(stream.encode(large))
        target.mux(stream.encode(None))
    return path


def repeated(film: Path, times: int, path: Path) -> Path:
    """A film over and over, by copying its packets."""
    with av.open(str(film), "r") as source:
        packets = [packet for packet in source.demux(source.streams.video[0]) if packet.dts is not None]
        length = max(cast("int", packet.pts) + cast("int", packet.duration) for packet in packets)
    with av.open(str(path), "w") as target:
        stream = None
        for number in range(times):
            with av.open(str(film), "r") as source:
                video = source.streams.video[0]
                stream = stream or target.add_stream_from_template(video)
                for packet in source.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts += number * length
                    packet.dts += number * length
                    packet.stream = stream
                    target.mux(packet)
    return path
