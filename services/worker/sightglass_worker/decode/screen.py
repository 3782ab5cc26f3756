"""Watches five pictures a second of a film for text that may have changed."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from av.video.frame import VideoFrame

from sightglass_worker.decode.pace import OneSize, Pace
from sightglass_worker.decode.planes import has_plain_luma, samples
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.domain.screen.screen import Screen

# One picture is taken of each such span, counted from the film's first frame.
PERIOD_US: Final = 200_000
# Larger pictures are reduced to this on the longer side.
LONG_SIDE: Final = 1920
_SHORTEST_SIDE: Final = 2


class ScreenWatcher:
    """Makes looks at the screen from frames, in order of time. Holds two pictures, whatever the film's length."""

    def __init__(self) -> None:
        self._pace = Pace(PERIOD_US)
        self._size = OneSize(LONG_SIDE, _SHORTEST_SIDE)
        self._screen: Screen | None = None

    def wants(self, t_us: int) -> bool:
        """See Pace."""
        return self._pace.wants(t_us)

    def look(self, frame: VideoFrame, t_us: int) -> Iterator[ScreenLook]:
        """Take a wanted frame; yield what of it is to be read, at most one look."""
        luma = self._luma(frame)
        if self._screen is None:
            self._screen = Screen(luma.shape)
        yield from self._screen.push(luma, t_us)

    def finish(self) -> Iterator[ScreenLook]:
        """Yield what is still to be read after the last frame."""
        if self._screen is not None:
            yield from self._screen.finish()

    def _luma(self, frame: VideoFrame) -> Pixels:
        # Luma of whatever range: to make it another costs as much as to decode the frame.
        if not self._size.is_met_by(frame) or not has_plain_luma(frame):
            frame = self._size.brought(frame, "gray")
        return np.rot90(samples(frame.planes[0]), self._size.turns)
