"""One pass over a film: what it measures of time."""

import io
import tempfile
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np

from sightglass_worker.decode.analysis import analyze_film
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.results import Analysis
from sightglass_worker.decode.source import DescriptorFile


def film(lengths_ms: list[int], start_ms: int = 0) -> bytes:
    """A grey film whose frames last that long, the first from `start_ms` on."""
    out = io.BytesIO()
    with av.open(out, "w", "matroska") as target:
        stream = cast("Any", target.add_stream("mpeg4", rate=25, options={"bf": "0"}))
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        packets: list[Any] = []
        for n in range(len(lengths_ms)):
            frame = av.VideoFrame.from_ndarray(np.full((36, 64, 3), 100, np.uint8), "rgb24")
            frame.pts, frame.time_base = start_ms + sum(lengths_ms[:n]), Fraction(1, 1000)
            packets += stream.encode(frame)
        for packet, length in zip([*packets, *stream.encode(None)], lengths_ms, strict=True):
            packet.duration = length
            target.mux(packet)
    return out.getvalue()


def analysed(data: bytes) -> Analysis:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        *_, analysis = analyze_film(DescriptorFile(file.fileno()), Limits())
    assert isinstance(analysis, Analysis)
    return analysis


def test_a_film_ends_when_its_last_frame_does_however_long_the_others_are() -> None:
    assert analysed(film([40, 40, 40, 500])).duration_us == 620_000
    assert analysed(film([500, 40, 40, 80])).duration_us == 660_000


def test_a_film_whose_clock_begins_late_is_whole() -> None:
    found = analysed(film([40] * 25, start_ms=3_600_000))
    assert (found.frames, found.duration_us, found.partial_reason) == (25, 1_000_000, None)
