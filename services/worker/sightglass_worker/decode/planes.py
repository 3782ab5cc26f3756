"""A decoded frame's planes, sampled small."""

from dataclasses import dataclass
from math import ceil
from typing import Final, cast

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import VideoReformatter

from sightglass_worker.domain.signature import Pixels

# Nearest samples, at most this many columns and rows of luma and half as many of chroma. The same
# cuts as with 256 x 144 on the sample films, and half the cost on top of decoding: what counts is
# the cache lines touched. Averaging instead would cost three times as much again.
COLUMNS: Final = 160
ROWS: Final = 40
# Formats whose three planes are read as they are: one byte a sample, or two little-endian ones of
# which some bits count.
_SHIFTS: Final = {
    **{f"{family}{s}p": 0 for family in ("yuv", "yuvj") for s in ("420", "422", "444", "440", "411")},
    **{f"yuv{s}p{bits}le": bits - 8 for s in ("420", "422", "444") for bits in (9, 10, 12, 14, 16)},
}


@dataclass(frozen=True, slots=True)
class _Grid:
    """Which samples of a plane are taken, and where they go in the flat array of all."""

    rows: int
    columns: int
    down: int
    across: int
    offset: int

    @property
    def end(self) -> int:
        return self.offset + self.rows * self.columns


class Sampler:
    """Samples the frames of one stream on the same grid, also if their size changes on the way."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._format = ""
        self._grids: tuple[_Grid, ...] = ()
        self._scaler = VideoReformatter()  # kept: to set one up costs more than to scale

    @property
    def luma_size(self) -> int:
        """Samples of luma, which come first."""
        return self._grids[0].end

    def samples(self, frame: VideoFrame) -> Pixels:
        """The samples of Y, U and V in one new flat array."""
        name = frame.format.name
        if not self._grids:
            self._settle(frame, name)
        if (frame.width, frame.height) != self._size or name != self._format:
            # Packed, RGB, gray, or another size than the first frame's: the scaler converts.
            frame = self._scaler.reformat(frame, *self._size, self._format, interpolation="POINT", threads=1)
        out = np.empty(self._grids[-1].end, np.uint8)
        shift = _SHIFTS[self._format]
        for plane, grid in zip(frame.planes, self._grids, strict=True):
            part = out[grid.offset : grid.end].reshape(grid.rows, grid.columns)
            if shift:
                np.right_shift(_view(plane, grid, "<u2"), shift, out=part, casting="unsafe")
            else:
                np.copyto(part, _view(plane, grid, "u1"))
        return out

    def luma(self, samples: Pixels) -> Pixels:
        """The luma of what `samples` returned, as (rows, columns)."""
        return samples[: self.luma_size].reshape(self._grids[0].rows, self._grids[0].columns)

    def _settle(self, frame: VideoFrame, name: str) -> None:
        known = name in _SHIFTS
        # The scaler takes small samples where the planes themselves cannot be read.
        self._size = (frame.width, frame.height) if known else (min(COLUMNS, frame.width), min(ROWS, frame.height))
        self._format = name if known else "yuv420p"
        if not known:
            frame = self._scaler.reformat(frame, *self._size, self._format, interpolation="POINT", threads=1)
        grids: list[_Grid] = []
        for number, plane in enumerate(frame.planes):
            most = (ROWS, COLUMNS) if number == 0 else (ROWS // 2, COLUMNS // 2)
            down, across = ceil(plane.height / most[0]), ceil(plane.width / most[1])
            offset = grids[-1].end if grids else 0
            grids.append(_Grid(ceil(plane.height / down), ceil(plane.width / across), down, across, offset))
        self._grids = tuple(grids)


def samples(plane: VideoPlane) -> Pixels:
    """A plane of 8 bit samples as an array (rows, columns): a view, valid as long as its frame."""
    return _view(plane, _Grid(plane.height, plane.width, 1, 1, 0), "u1")


def _view(plane: VideoPlane, grid: _Grid, dtype: str) -> Pixels:
    """One strided view instead of a chain of slices: its construction is a good part of the cost."""
    item = int(dtype[-1])
    strides = (grid.down * plane.line_size, grid.across * item)
    # PyAV's stubs do not say that a plane is a buffer.
    return np.ndarray((grid.rows, grid.columns), dtype, cast("memoryview", plane), 0, strides)
