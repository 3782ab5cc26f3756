"""Small upright pictures of frames, and their JPEG."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from sightglass_worker.decode.planes import samples
from sightglass_worker.domain.pixels import Pixels

# Quantiser of the JPEG encoder, 2 (best) to 31. 4 gives about 15 kB for 320 x 180.
_QUANTISER: Final = 4
# Frames from this height on are BT.709 unless they say otherwise; JPEG is always BT.601.
_HD_ROWS: Final = 720


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An upright picture in full-range YUV 4:2:0. Even width and height; u and v half of each."""

    y: Pixels
    u: Pixels
    v: Pixels

    @property
    def width(self) -> int:
        """Columns of luma."""
        return self.y.shape[1]

    @property
    def height(self) -> int:
        """Rows of luma."""
        return self.y.shape[0]


def even_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """The size to which `width` x `height` shrinks, so that its longer side is at most `long_side`."""
    factor = min(1.0, long_side / max(width, height))
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


class Shrinker:
    """Makes small upright pictures of the frames of one stream.

    shown: size of a frame as shown. rotation: degrees counter-clockwise to there, a multiple of 90.
    The scaler is kept from frame to frame: to set it up costs more than to scale.
    """

    def __init__(self, shown: tuple[int, int], rotation: int, long_side: int) -> None:
        width, height = even_size(*shown, long_side)
        self._stored = (height, width) if rotation % 180 == 90 else (width, height)
        self._turns = rotation // 90
        self._scaler = VideoReformatter()

    def picture(self, frame: VideoFrame) -> Picture:
        """The frame as shown, its longer side at most `long_side`."""
        small = self._scaler.reformat(
            frame,
            *self._stored,
            "yuvj420p",
            src_colorspace=Colorspace.ITU709 if _is_bt709(frame) else Colorspace.ITU601,
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.JPEG,
            interpolation="AREA",
            threads=1,
        )
        return Picture(*(np.rot90(samples(plane), self._turns).copy() for plane in small.planes))


def _is_bt709(frame: VideoFrame) -> bool:
    return frame.colorspace == 1 or (frame.colorspace == 2 and frame.height >= _HD_ROWS)


def jpeg(picture: Picture) -> bytes:
    """The picture as a JPEG file."""
    frame = VideoFrame(picture.width, picture.height, "yuvj420p")
    for plane, part in zip(frame.planes, (picture.y, picture.u, picture.v), strict=True):
        samples(plane)[...] = part
    frame.pts = 0
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = picture.width, picture.height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.qmin = encoder.qmax = _QUANTISER
    # Ignored below: the stubs leave open of which kind of stream a packet is.
    packets = [*encoder.encode(frame), *encoder.encode(None)]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return b"".join(bytes(packet) for packet in cast("list[Packet[VideoStream]]", packets))
