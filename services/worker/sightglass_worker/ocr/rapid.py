"""RapidOCR: one model finds lines, another reads each of them."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.tiles import Rectangle
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ocr.engine import Page, is_text, is_wanted, normalised, tight
from sightglass_worker.ocr.joining import joined
from sightglass_worker.ocr.rapid_parts import open_parts

# Lines are looked for in a picture of this longer side: found there down to 14 pixels of 1080p.
_FINDING_SIDE: Final = 960
_LEAST_SIDE: Final = 64
# Of a line that lies aslant its upright rectangle is larger than the line by more than this.
_ASLANT: Final = 1.6

Quad = NDArray[np.float32]


class RapidEngine:
    """Loads its models when it is made, which takes a second of CPU. Raises EngineMissing."""

    def __init__(self) -> None:
        self._parts = open_parts()

    def read(self, page: Page) -> list[Line]:
        """See TextEngine."""
        from rapidocr.ch_ppocr_rec import TextRecInput  # noqa: PLC0415 -- only where this engine is used

        picture = np.repeat(page.luma[:, :, np.newaxis], 3, axis=2)
        wanted = [(box, part) for box, part in self._lines(picture, page) if is_wanted(box, page.wanted)]
        if not wanted:
            return []
        read = self._parts.reader(TextRecInput(img=[part for _, part in wanted]))
        return [
            Line(text.strip(), round(float(score), 4), box)
            for (box, _), text, score in zip(wanted, read.txts, read.scores, strict=True)
            if is_text(text.strip(), score)
        ]

    def find(self, page: Page) -> list[Box]:
        """See TextEngine. Pieces of a line with what lies between them."""
        picture = np.repeat(page.luma[:, :, np.newaxis], 3, axis=2)
        pieces = [_bounds(quad) for quad in self._quads(picture, page)]
        return [normalised(place, page.luma) for place in {*pieces, *joined(pieces, page.luma)}]

    def _lines(self, picture: Pixels, page: Page) -> Iterable[tuple[Box, Pixels]]:
        """Each line's box and picture."""
        quads = self._quads(picture, page)
        aslant = [quad for quad in quads if _is_aslant(quad)]
        for quad, part in zip(aslant, self._parts.cut(picture, aslant), strict=True):
            yield tight(_bounds(quad), page.luma), part
        for upright in joined([_bounds(quad) for quad in quads if not _is_aslant(quad)], page.luma):
            yield tight(upright, page.luma), picture[upright.slices]

    def _quads(self, picture: Pixels, page: Page) -> list[Quad]:
        """The corners of pieces of lines, in pixels."""
        scale = min(1.0, _FINDING_SIDE / page.picture_side)
        self._parts.finder.limit_side_len = max(_LEAST_SIDE, round(max(page.luma.shape) * scale))
        found = self._parts.finder(picture).boxes
        return [] if found is None else list(found)


def _bounds(quad: Quad) -> Rectangle:
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    return Rectangle(int(top), int(bottom) + 1, int(left), int(right) + 1)


def _is_aslant(quad: Quad) -> bool:
    sides = np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1)
    return _bounds(quad).area > _ASLANT * float(sides[0] * sides[1])
