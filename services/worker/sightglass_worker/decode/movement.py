"""Watches ten pictures a second of a film for what moves in it."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from av.video.frame import VideoFrame

from sightglass_worker.decode.pace import OneSize, Pace
from sightglass_worker.decode.planes import has_full_range, has_plain_luma, samples, thinned
from sightglass_worker.domain.motion.finder import REACH, MotionFinder
from sightglass_worker.domain.motion.maps import Luma
from sightglass_worker.domain.motion.samples import MotionSample

# One picture is taken of each such span, counted from the film's first frame.
PERIOD_US: Final = 100_000
# A run over a part of a film must begin this much before it and end this much after it, to find in
# it the very samples that a run over the whole film finds: beside a cut a sample compares pictures of
# twice REACH to one side, and of a run's first span no picture is taken.
MARGIN_US: Final = (2 * REACH + 2) * PERIOD_US
_LONG_SIDE: Final = 128
# Of a large frame so many rows at least are averaged for one of the small picture: each costs as much to read, and
# those between tell little more.
_ROWS_EACH: Final = 3
# What takes luma of limited range to all of it, as the scaler does.
_BLACK: Final = 16
_TO_FULL_RANGE: Final = np.float32(255 / 219)
# Pictures that are compared in a row, which takes a fourteenth less than six at a time between frames that are decoded.
_AT_ONCE: Final = 24
# A side needs as many samples for a region to have a place in it.
_SHORTEST_SIDE: Final = 16


class MovementWatcher:
    """Makes samples of motion from frames, in order of time.

    Frames are averaged down to 128 samples of luma on the longer side, which is all that is kept of
    them, of 49 frames at most. is_wanted: as MotionFinder takes it.
    """

    def __init__(self, is_wanted: Callable[[int], bool] = lambda _t_us: True) -> None:
        self._finder = MotionFinder(is_wanted)
        self._held: list[tuple[Luma, int]] = []
        self._pace = Pace(PERIOD_US)
        self._size = OneSize(_LONG_SIDE, _SHORTEST_SIDE)

    def wants(self, t_us: int) -> bool:
        """See Pace."""
        return self._pace.wants(t_us)

    def look(self, frame: VideoFrame, t_us: int) -> Iterator[MotionSample]:
        """Take a wanted frame; yield the samples that are now complete: of frames 1.2 to 4.8 s before."""
        self._held.append((self._luma(frame), t_us))
        if len(self._held) >= _AT_ONCE:
            yield from self._looked_at()

    def finish(self) -> Iterator[MotionSample]:
        """Yield the samples that remain after the last frame."""
        yield from self._looked_at()
        yield from self._finder.finish()

    def _looked_at(self) -> Iterator[MotionSample]:
        held, self._held = self._held, []
        for luma, t_us in held:
            yield from self._finder.push(luma, t_us)

    def _luma(self, frame: VideoFrame) -> Luma:
        """The frame's luma, small, upright and of full range."""
        step = self._size.rows(frame) // _ROWS_EACH
        if step < 2 or not has_plain_luma(frame):
            return self._upright(self._size.brought(frame, "gray"))
        luma = self._upright(self._size.brought(thinned(frame, step), "gray"))
        if not has_full_range(frame):
            luma -= _BLACK
            luma *= _TO_FULL_RANGE
        return luma

    def _upright(self, small: VideoFrame) -> Luma:
        return np.rot90(samples(small.planes[0]), self._size.turns).astype(np.float32, "C")
