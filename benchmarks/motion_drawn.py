"""Drawn films of which it is known where each thing is: squares over a picture that stands still or moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.box import Box

Image = NDArray[np.floating[Any]]

ROWS: Final = 360
COLUMNS: Final = 640
_RATE: Final = 25
_SECONDS: Final = 8
_SIDE: Final = 72
_ROOM: Final = 700  # of background beyond each edge


@dataclass(frozen=True, slots=True)
class Square:
    """A square: where its upper left corner is at the start and how fast it goes, in pixels and seconds."""

    x: float
    y: float
    across: float
    down: float = 0.0
    plain: bool = False

    def at(self, t: float) -> tuple[int, int]:
        """Column and row of its upper left corner."""
        return round(self.x + self.across * t), round(self.y + self.down * t)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A film to draw. pan: pixels a second; zoom: growth a second; noise: deviation of luma."""

    name: str
    squares: tuple[Square, ...] = ()
    pan: tuple[float, float] = (0.0, 0.0)
    zoom: float = 0.0
    noise: float = 2.0

    def truth(self, t_us: int, *, least: float = 0.5) -> dict[int, Box]:
        """The part of each square that is to be seen, by its number, if it is at least this share of it."""
        found: dict[int, Box] = {}
        for number, square in enumerate(self.squares):
            left, top = square.at(t_us / 1e6)
            right, bottom = min(left + _SIDE, COLUMNS), min(top + _SIDE, ROWS)
            left, top = max(left, 0), max(top, 0)
            width, height = right - left, bottom - top
            if width > 0 and height > 0 and width * height >= least * _SIDE * _SIDE:
                found[number] = Box(left / COLUMNS, top / ROWS, width / COLUMNS, height / ROWS)
        return found


FILMS: Final = (
    Drawn("a plain square over a still picture", (Square(-40, 120, 90, plain=True),)),
    Drawn("a textured square over a still picture", (Square(560, 60, -80, 20),)),
    Drawn("a square over a pan", (Square(-40, 150, 90),), pan=(60, 10)),
    Drawn("a square over a zoom", (Square(-40, 150, 90),), zoom=0.05),
    Drawn("two squares that cross", (Square(0, 140, 75), Square(568, 160, -75))),
    Drawn("two squares that cross over a pan", (Square(0, 140, 75), Square(568, 160, -75)), pan=(-50, 0)),
    Drawn("a fast square", (Square(-60, 100, 320),)),
    Drawn("a slow square", (Square(200, 100, 25),)),
    Drawn("noise alone", noise=8.0),
    Drawn("a pan alone", pan=(80, 0), noise=4.0),
)
# Drawn when the numbers of the motion code were settled. One was changed on seeing these: that only cells
# which touch make one region.
MORE_FILMS: Final = (
    Drawn("three squares", (Square(20, 20, 60, 25), Square(500, 40, -55, 20), Square(280, 280, 5, -30))),
    Drawn("a square over a slanting pan", (Square(500, 250, -70, -15),), pan=(35, -30), noise=4.0),
    Drawn("two squares that cross slowly", (Square(150, 100, 45), Square(440, 125, -40)), noise=3.0),
    Drawn("a plain slow square", (Square(150, 150, 40, plain=True),)),
    Drawn("a zoom alone", zoom=0.08, noise=4.0),
)


def draw(film: Drawn, path: Path) -> Path:
    """Encode a film as x264 does by default."""
    with av.open(str(path), "w") as target:
        stream = cast("Any", target.add_stream("libx264", rate=_RATE, options={"preset": "veryfast"}))
        stream.width, stream.height, stream.pix_fmt = COLUMNS, ROWS, "yuv420p"
        for number, image in enumerate(_images(film)):
            frame = av.VideoFrame.from_ndarray(np.repeat(image[..., None], 3, 2), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, _RATE)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


def _images(film: Drawn) -> Iterator[NDArray[np.uint8]]:
    background = _texture(1, ROWS + 2 * _ROOM, COLUMNS + 2 * _ROOM)
    faces = [
        np.full((_SIDE, _SIDE), 215.0) if square.plain else _texture(5 + i, _SIDE, _SIDE) + 60
        for i, square in enumerate(film.squares)
    ]
    noise = np.random.default_rng(0)
    for number in range(_RATE * _SECONDS):
        t = number / _RATE
        image = _seen(background, film.pan[0] * t, film.pan[1] * t, 1 / (1 + film.zoom * t))
        for square, face in zip(film.squares, faces, strict=True):
            _paste(image, face, *square.at(t))
        yield (image + noise.normal(0, film.noise, image.shape)).clip(0, 255).astype(np.uint8)


def _texture(seed: int, rows: int, columns: int) -> Image:
    """Smooth blots of many sizes, as pictures have."""
    random = np.random.default_rng(seed)
    whole = np.full((rows, columns), 110.0)
    for size, strength in ((160, 35), (60, 25), (24, 18), (8, 10)):
        grid = random.normal(0, strength, (rows // size + 3, columns // size + 3))
        whole += _sampled(grid, np.arange(rows) / size, np.arange(columns) / size)
    return whole.clip(0, 255)


def _sampled(image: Image, rows: Image, columns: Image) -> Image:
    """The image at each of `rows` and `columns`, between its samples linearly."""
    top, left = rows.astype(int), columns.astype(int)
    down, across = (rows - top)[:, None], columns - left
    part = image[top] * (1 - down) + image[top + 1] * down
    return part[:, left] * (1 - across) + part[:, left + 1] * across


def _seen(background: Image, x: float, y: float, zoom: float) -> Image:
    rows = (np.arange(ROWS) - ROWS / 2) * zoom + ROWS / 2 + _ROOM + y
    columns = (np.arange(COLUMNS) - COLUMNS / 2) * zoom + COLUMNS / 2 + _ROOM + x
    return _sampled(background, rows, columns)


def _paste(image: Image, face: Image, left: int, top: int) -> None:
    right, bottom = min(left + _SIDE, COLUMNS), min(top + _SIDE, ROWS)
    first, above = max(left, 0), max(top, 0)
    if right > first and bottom > above:
        image[above:bottom, first:right] = face[above - top : bottom - top, first - left : right - left]
