"""A decoded frame's planes, sampled small."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, cast

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from sightglass_worker.domain.pixels import Pixels

# Nearest samples, at most this many columns and rows of luma and half as many of chroma. Twice the
# rows find the same cuts on the sample films, and touch twice the cache lines; averaging instead of
# taking the nearest would add seven tenths of the cost of decoding.
COLUMNS: Final = 240
ROWS: Final = 48
# Formats whose three planes are read as they are: one byte a sample, or two little-endian ones of
# which some bits count.
_SHIFTS: Final = {
    **{f"{family}{s}p": 0 for family in ("yuv", "yuvj") for s in ("420", "422", "444", "440", "411")},
    **{f"yuv{s}p{bits}le": bits - 8 for s in ("420", "422", "444") for bits in (9, 10, 12, 14, 16)},
}
# Formats whose first plane is luma of 8 bits.
_PLANAR: Final = ("yuv", "yuvj", "nv12", "nv21", "gray")
_EIGHT_BITS: Final = ("p", "nv12", "nv21", "gray")
# Those of them whose luma goes from 0 to 255 whatever a frame says of it.
_FULL_RANGE: Final = ("yuvj", "gray")

_ONE_BYTE: Final = np.dtype(np.uint8)
_TWO_BYTES: Final = np.dtype("<u2")


@dataclass(frozen=True, slots=True)
class _Grid:
    """Which samples of a plane are taken, and where they go in the flat array of all."""

    rows: int
    columns: int
    down: int
    across: int
    offset: int
    width: int  # of the plane

    @property
    def end(self) -> int:
        return self.offset + self.rows * self.columns


class Sampler:
    """Samples the frames of one stream on the same grid, also if their size changes on the way."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._format = ""
        self._shift = 0
        self._dtype: np.dtype[Any] = _ONE_BYTE
        self._grids: tuple[_Grid, ...] = ()
        # Kept: to set one up costs more than to scale.
        self._scaler, self._row_scaler = VideoReformatter(), VideoReformatter()

    @property
    def luma_size(self) -> int:
        """Samples of luma, which come first."""
        return self._grids[0].end

    @property
    def columns(self) -> int:
        """Columns of luma."""
        return self._grids[0].columns

    def samples(self, frames: Sequence[VideoFrame]) -> Pixels:
        """A row for each frame in one new array: its samples of Y, then of U, then of V. At least one frame."""
        if not self._grids:
            self._settle(frames[0], frames[0].format.name)
        out = np.empty((len(frames), self._grids[-1].end), np.uint8)
        for frame, row in zip(frames, out, strict=True):
            self._sample(frame, row)
        return out

    def luma(self, samples: Pixels) -> Pixels:
        """The luma of a row that `samples` returned, as (rows, columns)."""
        return samples[: self.luma_size].reshape(self._grids[0].rows, self._grids[0].columns)

    def rows(self, frame: VideoFrame) -> Pixels:
        """All rows of a frame's luma, at most COLUMNS samples each: (rows, columns), a new array."""
        narrow = scaled(self._row_scaler, frame, (min(COLUMNS, frame.width), frame.height), "gray", "POINT")
        return samples(narrow.planes[0]).copy()

    def _sample(self, frame: VideoFrame, out: Pixels) -> None:
        if frame.format.name != self._format or (frame.width, frame.height) != self._size:
            frame = self._converted(frame)
        for plane, grid in zip(frame.planes, self._grids, strict=True):
            part = out[grid.offset : grid.end].reshape(grid.rows, grid.columns)
            # Whole rows first: the processor fetches from memory ahead of a plain copy, but hardly ahead of
            # a walk over every eighth byte.
            rows = _view(plane, grid, self._dtype).copy()[:, :: grid.across]
            if self._shift:
                np.right_shift(rows, self._shift, out=part, casting="unsafe")
            else:
                part[...] = rows

    def _converted(self, frame: VideoFrame) -> VideoFrame:
        """The frame as the grids expect it: packed, RGB or gray before, or of another size than the first."""
        return scaled(self._scaler, frame, self._size, self._format, "POINT")

    def _settle(self, frame: VideoFrame, name: str) -> None:
        """Choose by the first frame what is read, and which samples of it."""
        if name in _SHIFTS:
            self._size, self._format = (frame.width, frame.height), name
        else:
            # The scaler takes small samples where the planes themselves cannot be read.
            self._size = (min(COLUMNS, frame.width), min(ROWS, frame.height))
            self._format = "yuv420p"
            frame = self._converted(frame)
        self._shift = _SHIFTS[self._format]
        self._dtype = _TWO_BYTES if self._shift else _ONE_BYTE
        grids: list[_Grid] = []
        for number, plane in enumerate(frame.planes):
            most = (ROWS, COLUMNS) if number == 0 else (ROWS // 2, COLUMNS // 2)
            down, across = ceil(plane.height / most[0]), ceil(plane.width / most[1])
            offset = grids[-1].end if grids else 0
            rows, columns = ceil(plane.height / down), ceil(plane.width / across)
            grids.append(_Grid(rows, columns, down, across, offset, plane.width))
        self._grids = tuple(grids)


def scaled(scaler: VideoReformatter, frame: VideoFrame, size: tuple[int, int], name: str, method: str) -> VideoFrame:
    """The frame in another size and pixel format, its colours taken as BT.601: the scaler refuses frames that are
    marked with colours that it does not know, as damaged ones are.
    """
    colours = Colorspace.ITU601
    return scaler.reformat(
        frame, *size, name, src_colorspace=colours, dst_colorspace=colours, interpolation=method, threads=1
    )


def has_plain_luma(frame: VideoFrame) -> bool:
    """Whether a frame's first plane is its luma, a byte each sample."""
    return frame.format.name.startswith(_PLANAR) and frame.format.name.endswith(_EIGHT_BITS)


def has_full_range(frame: VideoFrame) -> bool:
    """Whether black and white of a frame with plain luma are 0 and 255; else they are 16 and 235."""
    return frame.color_range == ColorRange.JPEG or frame.format.name.startswith(_FULL_RANGE)


def thinned(frame: VideoFrame, step: int) -> VideoFrame:
    """The plain luma of every so many-th row of a frame, as gray; valid as long as the frame."""
    return VideoFrame.from_numpy_buffer(samples(frame.planes[0])[step // 2 :: step], "gray")


def quarter_turns(frame: VideoFrame) -> int:
    """Quarter turns counter-clockwise, 0 to 3, by which a frame is turned to be shown; a slanted one by the nearest."""
    return round(frame.rotation / 90) % 4


def samples(plane: VideoPlane) -> Pixels:
    """A plane of 8 bit samples as an array (rows, columns): a view, valid as long as its frame."""
    return _view(plane, _Grid(plane.height, plane.width, 1, 1, 0, plane.width), _ONE_BYTE)


def _view(plane: VideoPlane, grid: _Grid, dtype: "np.dtype[Any]") -> Pixels:
    """The grid's rows of a plane, each as wide as the plane."""
    # PyAV's stubs do not say that a plane is a buffer.
    buffer = cast("memoryview", plane)
    return np.ndarray((grid.rows, grid.width), dtype, buffer, 0, (grid.down * plane.line_size, dtype.itemsize))
