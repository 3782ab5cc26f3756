"""Which region of a picture is which track's: predicted and found boxes, paired."""

from collections.abc import Sequence
from typing import Final

from sightglass_worker.domain.box import Box

# Boxes are compared as if larger by this share of their size on each side, so that a thing that
# moves its own width between two samples is not lost (the idea of C-BIoU, 2022).
_MARGIN: Final = 0.25
# What is left of a side from one sample to the next. A thing that enters the picture or leaves it
# changes its size, but one that is a sliver at once is the rest of it, beside something else.
_LEFT_OF_SIDE: Final = 0.4


def pairs(predicted: Sequence[Box], found: Sequence[Box], least: float) -> list[tuple[int, int]]:
    """Indices of boxes that belong together, by overlap from the largest down to `least`; each box once at most.

    Of equal overlaps the lower index of `predicted` comes first, then the box further left, then higher.
    """
    candidates = [
        (-overlap, here, other, there)
        for here, box in enumerate(predicted)
        for there, other in enumerate(found)
        if _fits(box, other) and (overlap := union_share(grown(box), grown(other))) >= least
    ]
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for _, here, _, there in sorted(candidates):
        if here not in chosen and there not in taken:
            chosen[here] = there
            taken.add(there)
    return sorted(chosen.items())


def union_share(a: Box, b: Box) -> float:
    """What two boxes share of what both cover together (intersection over union): 0 to 1."""
    shared = _shared(a, b)
    return shared / (_area(a) + _area(b) - shared) if shared else 0.0


def inside_share(a: Box, b: Box) -> float:
    """The share of `a` that lies in `b`: 0 to 1."""
    shared = _shared(a, b)
    return shared / _area(a) if shared else 0.0


def grown(box: Box) -> Box:
    """The box, larger on each side by a share of its size."""
    across, down = _MARGIN * box.width, _MARGIN * box.height
    return Box(box.x - across, box.y - down, box.width + 2 * across, box.height + 2 * down)


def _fits(predicted: Box, found: Box) -> bool:
    return found.width >= _LEFT_OF_SIDE * predicted.width and found.height >= _LEFT_OF_SIDE * predicted.height


def _area(box: Box) -> float:
    return box.width * box.height


def _shared(a: Box, b: Box) -> float:
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return width * height if width > 0 and height > 0 else 0.0
