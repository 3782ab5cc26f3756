"""When what has changed on the screen is read."""

from typing import Final

import numpy as np

from sightglass_worker.domain.screen.tile_times import TileTimes
from sightglass_worker.domain.screen.tiles import Rectangle, Tiles, bands, enclosing

# What did not change for so long is read as soon as it does.
QUIET_US: Final = 1_000_000
# Below this share of all tiles, or this many, a change is a cursor or a clock's last digit, unless it lasts.
_SMALL: Final = 0.0015
_FEW: Final = 4
_LASTING_US: Final = 600_000
# What goes on changing is read this long after it began, then after the longer time again and again;
# where it is small, not before the last of these.
_PATIENCE_US: Final = (1_000_000, 2_000_000)
_SMALL_PATIENCE_US: Final = 10_000_000
# Scrolled by so much of its height, a page is read while it still moves.
_SCROLLED: Final = 0.25


class Attention:
    """Decides by the times of tiles. What has come to rest is due after one sample, what has not from time to time."""

    def __init__(self, times: TileTimes) -> None:
        self._times = times
        self._few = max(_FEW, _SMALL * times.pending.size)
        self._times_read = 0
        self._read_us = 0
        self._scrolled = 0.0

    @property
    def wanting(self) -> Rectangle | None:
        """All tiles that are another than was read, if they are more than a cursor."""
        pending = self._times.pending
        return enclosing(bands(pending)) if np.count_nonzero(pending) > self._few else None

    def due(self, t_us: int, quiet: Tiles, scrolled: float) -> Rectangle | None:
        """The tiles to be read at this sample.

        quiet: those that had not moved for QUIET_US before it. scrolled: the share of its height by
        which something was scrolled since the sample before, 0 if nothing was.
        """
        self._scrolled += scrolled
        pending = self._times.pending
        count = int(np.count_nonzero(pending))
        if count <= self._few:
            wait_us, fresh, patience_us = _LASTING_US, np.zeros_like(pending), _SMALL_PATIENCE_US
        else:
            patience_us = _PATIENCE_US[min(self._times_read, len(_PATIENCE_US) - 1)]
            # What has just been scrolled into sight will be more in a moment.
            wait_us, fresh = 1, pending & quiet & (not scrolled)
        due: list[Rectangle] = []
        for band in bands(pending):
            if t_us - self._times.newest_us(band) >= wait_us:
                self._times_read = 0
                due.append(band)
            elif _mostly(fresh, pending, band) or self._scrolled >= _SCROLLED:
                due.append(band)
            elif t_us - max(self._times.oldest_us(band), self._read_us) >= patience_us:
                self._times_read += 1
                due.append(band)
        if not count:
            self._times_read = 0
        return enclosing(due) if due else None

    def read(self, t_us: int) -> None:
        """Note that something was read."""
        self._read_us = t_us
        self._scrolled = 0.0


def _mostly(some: Tiles, of: Tiles, band: Rectangle) -> bool:
    return bool(2 * np.count_nonzero(some[band.slices]) > np.count_nonzero(of[band.slices]))
