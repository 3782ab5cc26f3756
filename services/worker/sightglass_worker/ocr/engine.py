"""What reads text in a picture: the interface of all engines, and what they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.tiles import Rectangle, written
from sightglass_worker.domain.texts.lines import Line

# A reading less certain than this is of no letters: cursors, icons, edges, leaves.
_LEAST_CONFIDENCE: Final = 0.5
# One or two signs are what an engine makes of any shape; read for certain they are a text all the same.
_FEW_SIGNS: Final = 2
_CERTAIN: Final = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """What an engine is to read.

    luma: (rows, columns). picture_side: the longer side of the picture of which it is a part, in the
    same pixels. wanted: of the lines only those that meet one of these boxes, 0 to 1 of `luma`.
    """

    luma: Pixels
    picture_side: int
    wanted: Sequence[Box]


class TextEngine(Protocol):
    """Reads lines of text. Used by one thread at a time."""

    def read(self, page: Page) -> list[Line]:
        """The wanted lines. Their boxes are 0 to 1 of `page.luma`, and end where the letters do."""
        ...

    def find(self, page: Page) -> list[Box]:
        """Where there may be text on all of the page, also what `read` would take for none: 0 to 1 of `page.luma`."""
        ...


def is_text(text: str, confidence: float) -> bool:
    """Whether a reading is of letters, by how certain the engine is of it, 0 to 1."""
    return bool(text) and confidence >= (_CERTAIN if len(text) <= _FEW_SIGNS else _LEAST_CONFIDENCE)


def is_wanted(box: Box, wanted: Sequence[Box]) -> bool:
    """Whether a line meets one of the boxes."""
    return any(
        min(box.x + box.width, w.x + w.width) > max(box.x, w.x)
        and min(box.y + box.height, w.y + w.height) > max(box.y, w.y)
        for w in wanted
    )


def tight(found: Rectangle, luma: Pixels) -> Box:
    """The box around the letters in a rectangle, 0 to 1 of `luma`: engines leave a margin, each its own."""
    inside = written(luma[found.slices])
    if inside is not None:
        found = Rectangle(
            found.top + inside.top, found.top + inside.bottom, found.left + inside.left, found.left + inside.right
        )
    return normalised(found, luma)


def normalised(found: Rectangle, luma: Pixels) -> Box:
    """A rectangle of samples as 0 to 1 of `luma`."""
    rows, columns = luma.shape
    width, height = found.right - found.left, found.bottom - found.top
    return Box(found.left / columns, found.top / rows, width / columns, height / rows)
