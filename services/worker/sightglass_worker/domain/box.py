"""A place in a picture."""

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle by its upper left corner and size, 0 to 1 in display orientation."""

    x: float
    y: float
    width: float
    height: float
