"""Watches five pictures a second of a film for text that may have changed."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from sightglass_worker.decode.planes import quarter_turns, samples, scaled
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.domain.screen.screen import Screen

# One picture is taken of each such span, counted from the film's first frame.
PERIOD_US: Final = 200_000
# Larger pictures are reduced to this on the longer side.
LONG_SIDE: Final = 1920
# Formats whose first plane is luma of 8 bits. It is taken as it is, of whatever range: to make it
# another costs as much as to decode the frame.
_PLANAR: Final = ("yuv", "yuvj", "nv12", "nv21", "gray")
_EIGHT_BITS: Final = ("p", "nv12", "nv21", "gray")


class ScreenWatcher:
    """Makes looks at the screen from frames, in order of time. Holds two pictures, whatever the film's length."""

    def __init__(self) -> None:
        self._scaler = VideoReformatter()  # kept: to set one up costs more than to scale
        self._size = (0, 0)
        self._turns = 0
        self._screen: Screen | None = None
        self._span: int | None = None

    def wants(self, t_us: int) -> bool:
        """Whether the frame at this time is the first of its span. To be asked of every frame, in order.

        Of a run's first frame that is only known if the span begins with it.
        """
        span, into_us = divmod(t_us, PERIOD_US)
        first = into_us == 0 if self._span is None else span != self._span
        self._span = span
        return first

    def look(self, frame: VideoFrame, t_us: int) -> Iterator[ScreenLook]:
        """Take a wanted frame; yield what of it is to be read, at most one look."""
        if self._screen is None:
            self._settle(frame)
        luma = self._luma(frame)
        if self._screen is None:
            self._screen = Screen(luma.shape)
        yield from self._screen.push(luma, t_us)

    def finish(self) -> Iterator[ScreenLook]:
        """Yield what is still to be read after the last frame."""
        if self._screen is not None:
            yield from self._screen.finish()

    def _settle(self, frame: VideoFrame) -> None:
        """Take from the first frame how it is shown, and the size that all are brought to."""
        factor = min(1.0, LONG_SIDE / max(frame.width, frame.height))
        self._size = (max(2, round(frame.width * factor)), max(2, round(frame.height * factor)))
        self._turns = quarter_turns(frame)

    def _luma(self, frame: VideoFrame) -> Pixels:
        name = frame.format.name
        if (frame.width, frame.height) != self._size or not _has_plain_luma(name):
            frame = scaled(self._scaler, frame, self._size, "gray", "AREA")
        return np.rot90(samples(frame.planes[0]), self._turns)


def _has_plain_luma(name: str) -> bool:
    return name.startswith(_PLANAR) and name.endswith(_EIGHT_BITS)
