"""What of a film's screen is to be read, and where what was read has gone."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.attention import QUIET_US, Attention
from sightglass_worker.domain.screen.looks import Change, ScreenLook, Shift
from sightglass_worker.domain.screen.scrolling import scroll, scrolled
from sightglass_worker.domain.screen.tile_times import TileTimes
from sightglass_worker.domain.screen.tiles import (
    SIDE,
    Rectangle,
    Tiles,
    bands,
    differing,
    enclosing,
    in_samples,
    whole_tiles,
    written,
)

# Tiles that must change at once for them to be a scrolled page, as a share of all.
_SCROLL: Final = 0.01
# Rows around a change that belong to its lines: two lines of 24 pixels.
_ROWS: Final = 48
# What stays around the letters when empty margins are cut off.
_MARGIN: Final = 16
# From this share of the picture on, what has changed is nearly all of it.
_FULL: Final = 0.9
_NOTHING: Final = Rectangle(0, 0, 0, 0)


class Screen:
    """Compares pictures of luma, all of one shape, with what was last read of them. Holds two of them."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._shape = shape
        grid = (-(-shape[0] // SIDE), -(-shape[1] // SIDE))
        self._times = TileTimes(grid, QUIET_US)
        self._attention = Attention(self._times)
        self._read = self._last = whole_tiles(np.zeros(shape, np.uint8))
        self._last_us: int | None = None

    def push(self, luma: Pixels, t_us: int) -> Iterator[ScreenLook]:
        """Take the picture of the next sample; yield at most one look."""
        now = whole_tiles(luma)
        if self._last_us is None:
            self._read = self._last = now ^ np.uint8(128)  # which differs everywhere
        quiet = self._times.still_for(QUIET_US, t_us)
        box, down = (None, 0) if np.array_equal(now, self._last) else self._compare(now, t_us)
        self._last, self._last_us = now, t_us
        due = self._attention.due(t_us, quiet, abs(down) / self._shape[0])
        shift = None
        if box is not None:
            shift = Shift(t_us, self._normalised(box), down / self._shape[0])
            due = _without_edge(due, box, down) if due else None
        if due or shift:
            yield self._look(t_us, shift, due)

    def finish(self) -> Iterator[ScreenLook]:
        """Yield what the last picture shows and has not come to rest."""
        due = self._attention.wanting
        if self._last_us is not None and due:
            yield self._look(self._last_us, None, due)

    def _compare(self, now: Pixels, t_us: int) -> tuple[Rectangle | None, int]:
        """Note which tiles have changed. Returns the part that was scrolled, and by how many samples."""
        moving = differing(now, self._last)
        box, down = self._scrolled(moving, now)
        if box is not None:
            self._read = scroll(self._read, now, box, down)
            moving = differing(now, scroll(self._last, now, box, down))
            self._times.scroll(box, down)
        self._times.note(moving, differing(now, self._read), t_us)
        return box, down

    def _scrolled(self, moving: Tiles, now: Pixels) -> tuple[Rectangle | None, int]:
        if np.count_nonzero(moving) < _SCROLL * moving.size:
            return None, 0
        box = in_samples(enclosing(bands(moving)), self._shape)
        down = scrolled(self._last, now, box)
        return (box, down) if down else (None, 0)

    def _look(self, t_us: int, shift: Shift | None, due: Rectangle | None) -> ScreenLook:
        """The look at what is due, which then counts as read."""
        crop, changes, full = _NOTHING, tuple[Change, ...](), False
        if due is not None:
            crop, changes = self._crop(due), self._changes(due)
            full = sum(change.box.width * change.box.height for change in changes) > _FULL
            self._note_read(due, t_us)
        part = self._last[crop.slices]
        return ScreenLook(
            t_us=t_us,
            box=self._normalised(crop),
            full=full,
            width=part.shape[1],
            height=part.shape[0],
            picture_side=max(self._shape),
            shift=shift,
            changes=changes,
            luma=part.tobytes(),
        )

    def _crop(self, due: Rectangle) -> Rectangle:
        """The samples that show the lines in which something has changed, none if they show no letters."""
        rows = in_samples(due, self._shape).padded(_ROWS, self._shape[1], self._shape)
        letters = written(self._last[rows.slices])
        if letters is None:
            return _NOTHING
        inside = Rectangle(rows.top + letters.top, rows.top + letters.bottom, letters.left, letters.right)
        return inside.padded(_MARGIN, _MARGIN, self._shape)

    def _changes(self, due: Rectangle) -> tuple[Change, ...]:
        return tuple(
            Change(self._normalised(in_samples(tiles, self._shape)), since_us, steady_us)
            for tiles, since_us, steady_us in self._times.rows(due)
        )

    def _note_read(self, due: Rectangle, t_us: int) -> None:
        part = in_samples(due, self._last.shape).slices
        self._read = self._read.copy()
        self._read[part] = self._last[part]
        self._times.read(due)
        self._attention.read(t_us)

    def _normalised(self, r: Rectangle) -> Box:
        rows, columns = self._shape
        return Box(r.left / columns, r.top / rows, (r.right - r.left) / columns, (r.bottom - r.top) / rows)


def _without_edge(due: Rectangle, box: Rectangle, down: int) -> Rectangle | None:
    """What is due but for the edge at which a scrolled page comes into sight, where half a line may stand."""
    top, bottom = due.top, due.bottom
    if down < 0:
        bottom = min(bottom, (box.bottom - _ROWS) // SIDE)
    else:
        top = max(top, -(-(box.top + _ROWS) // SIDE))
    return Rectangle(top, bottom, due.left, due.right) if top < bottom else None
