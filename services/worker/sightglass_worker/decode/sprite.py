"""A sheet of small pictures at even intervals over the whole film, for scrubbing."""

from typing import Final

import numpy as np

from sightglass_worker.decode.picture import Picture, jpeg
from sightglass_worker.decode.results import SpriteSheet
from sightglass_worker.domain.timecode import timecode

MAX_TILES: Final = 100
TILE_SIDE: Final = 160
_COLUMNS: Final = 10
_SHORTEST_INTERVAL_US: Final = 2_000_000
_GREY: Final = 128


class SpriteMaker:
    """Collects tiles. Whatever the length, at most MAX_TILES are held: when full, every second goes.

    expected_us: the length that the header claims; None if it claims none. It only sets the first
    interval: a header that lies costs tiles, not memory.
    """

    def __init__(self, expected_us: int | None) -> None:
        self._interval_us = max(_SHORTEST_INTERVAL_US, -(-(expected_us or 0) // MAX_TILES))
        self._tiles: list[tuple[int, Picture]] = []
        self._due_us = 0

    def wants(self, t_us: int) -> bool:
        """Whether the frame at this time belongs on the sheet."""
        return t_us >= self._due_us

    def add(self, t_us: int, tile: Picture) -> None:
        """Put a tile on the sheet. All tiles have the size of the first."""
        if len(self._tiles) == MAX_TILES:
            self._interval_us *= 2
            self._tiles = self._tiles[::2]
        self._tiles.append((t_us, tile))
        self._due_us = (t_us // self._interval_us + 1) * self._interval_us

    def sheet(self, duration_us: int) -> SpriteSheet:
        """The finished sheet of a film that lasts `duration_us`. Needs at least one tile."""
        first = self._tiles[0][1]
        columns = min(_COLUMNS, len(self._tiles))
        rows = -(-len(self._tiles) // columns)
        whole = _blank(first, columns, rows)
        cues = ["WEBVTT", ""]
        ends = [t_us for t_us, _ in self._tiles[1:]] + [duration_us]
        for number, ((start_us, tile), end_us) in enumerate(zip(self._tiles, ends, strict=True)):
            row, column = divmod(number, columns)
            _place(whole, tile, column, row)
            x, y = column * first.width, row * first.height
            # Rounded down, so that a cue never begins after its picture does.
            cues.append(f"{timecode(start_us // 1000)} --> {timecode(end_us // 1000)}")
            cues += [f"sprite.jpg#xywh={x},{y},{first.width},{first.height}", ""]
        return SpriteSheet(len(self._tiles), first.width, first.height, jpeg(whole), "\n".join(cues))


def _blank(tile: Picture, columns: int, rows: int) -> Picture:
    y, u, v = ((plane.shape[0] * rows, plane.shape[1] * columns) for plane in (tile.y, tile.u, tile.v))
    return Picture(np.zeros(y, np.uint8), np.full(u, _GREY, np.uint8), np.full(v, _GREY, np.uint8))


def _place(sheet: Picture, tile: Picture, column: int, row: int) -> None:
    for whole, part in ((sheet.y, tile.y), (sheet.u, tile.u), (sheet.v, tile.v)):
        height, width = part.shape
        whole[row * height : (row + 1) * height, column * width : (column + 1) * width] = part
