"""Where boxes lie to each other, and how they move."""

from collections.abc import Iterable, Sequence
from typing import Final

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.screen.looks import Change, Shift

# Two readings of one line give boxes that share more than this, lines on top of each other less.
_SAME: Final = 0.5
# A change that reaches into a line by less than this share of its height is of the line above or below.
_GRAZES: Final = 0.25
# What is covered but for less than a twentieth of either side is covered.
_NEARLY: Final = 0.95


def likeness(a: Box, b: Box) -> float:
    """Area that two boxes share, over the area that either covers: 0 to 1."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a.width * a.height + b.width * b.height - shared)


def same_place(a: Box, b: Box) -> bool:
    """Whether two boxes are those of one line."""
    return likeness(a, b) > _SAME


def same_start(a: Box, b: Box) -> bool:
    """Whether two lines begin at one place, however long they are."""
    height = max(a.height, b.height)
    shared = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return shared > _SAME * height and abs(a.x - b.x) < height


def distance(a: Box, b: Box) -> float:
    """From one box's upper left corner to another's, across and down."""
    return abs(a.x - b.x) + abs(a.y - b.y)


def touching(box: Box, changes: Iterable[Change]) -> list[Change]:
    """The changes that concern a line in this box."""
    return [change for change in changes if _meets(box, change.box)]


def _meets(line: Box, change: Box) -> bool:
    width = min(line.x + line.width, change.x + change.width) - max(line.x, change.x)
    height = min(line.y + line.height, change.y + change.height) - max(line.y, change.y)
    return width > 0 and height > min(_GRAZES * line.height, change.height / 2)


def moves(box: Box, shift: Shift) -> bool:
    """Whether a shift moves what is in a box: its middle lies in what has moved."""
    return _holds_middle(shift.box, box)


def shifted(box: Box, shift: Shift) -> Box | None:
    """A box after the shift that moves it; None if it is then out of sight."""
    moved = box._replace(y=box.y + shift.down)
    if not _holds_middle(shift.box, moved):
        return None
    top = max(moved.y, shift.box.y)
    bottom = min(moved.y + moved.height, shift.box.y + shift.box.height)
    return moved._replace(y=top, height=bottom - top)


def before(box: Box, shift: Shift) -> Box | None:
    """Where a box was before the shift; None if the shift has brought it into sight."""
    return shifted(box, shift._replace(down=-shift.down))


def _holds_middle(whole: Box, part: Box) -> bool:
    x, y = part.x + part.width / 2, part.y + part.height / 2
    return whole.x <= x <= whole.x + whole.width and whole.y <= y <= whole.y + whole.height


def enclosing_box(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of them."""
    x, y = min(b.x for b in boxes), min(b.y for b in boxes)
    return Box(x, y, max(b.x + b.width for b in boxes) - x, max(b.y + b.height for b in boxes) - y)


def covered(part: Box, whole: Box) -> bool:
    """Whether nearly all of a box lies in another."""
    width = min(part.x + part.width, whole.x + whole.width) - max(part.x, whole.x)
    height = min(part.y + part.height, whole.y + whole.height) - max(part.y, whole.y)
    return width >= _NEARLY * part.width and height >= _NEARLY * part.height


def inside(box: Box, whole: Box) -> Box:
    """A box of the picture as one of a part of it."""
    return Box(
        (box.x - whole.x) / whole.width,
        (box.y - whole.y) / whole.height,
        box.width / whole.width,
        box.height / whole.height,
    )


def outside(box: Box, whole: Box) -> Box:
    """A box of a part of the picture as one of the picture: undoes `inside`."""
    return Box(
        whole.x + box.x * whole.width,
        whole.y + box.y * whole.height,
        box.width * whole.width,
        box.height * whole.height,
    )


def part_of(box: Box, text: str, start: int, end: int) -> Box:
    """About where `text[start:end]` stands in a line's box, as if all signs were equally wide.

    Raises ValueError when that is no part of the text.
    """
    if not 0 <= start < end <= len(text):
        msg = f"{start}:{end} of {len(text)} signs"
        raise ValueError(msg)
    return box._replace(x=box.x + box.width * start / len(text), width=box.width * (end - start) / len(text))
