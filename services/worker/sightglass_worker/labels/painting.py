"""Painting out what must not be seen, before a picture leaves the process."""

import math
from collections.abc import Iterable
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from sightglass_worker.labels.provider import Box

# What the language models take without shrinking it themselves, at a cost that stays small.
LONG_SIDE: Final = 768
# Our decoder makes no larger ones; a file that claims to be larger is not of our making.
_MAX_SIDE: Final = 4096
_QUALITY: Final = 85
# Around a box, so that letters whose edges lie outside of it are hidden too: a share of its shorter side, and pixels.
_PAD_SHARE: Final = 0.15
_PAD_PIXELS: Final = 3
# A box so many pictures away is none, nor is one of infinities.
_FARTHEST: Final = 1000


class Unpaintable(Exception):
    """The picture is no JPEG that our decoder makes, or a box is no box: nothing of it may be sent."""


def painted(jpeg: bytes, boxes: Iterable[Box] | None) -> bytes:
    """The picture with all boxes filled with black, its longer side at most 768, as a new JPEG without metadata.

    The boxes are filled before anything is scaled or compressed, so no trace of what they hid is left.
    Raises Unpaintable, also if `boxes` is None: nobody knows where there is text.
    """
    if boxes is None:
        raise Unpaintable("its text is unread")
    image = opened(jpeg)
    for box in boxes:
        image.paste((0, 0, 0), _pixels(box, *image.size))
    image.thumbnail((LONG_SIDE, LONG_SIDE))
    # A comment in the file would be written into the new one.
    image.info.clear()
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def opened(jpeg: bytes) -> Image.Image:
    """The picture as it is to be shown, in colour. Raises Unpaintable."""
    try:
        with Image.open(BytesIO(jpeg), formats=["JPEG"]) as opened:
            if max(opened.size) > _MAX_SIDE:
                raise Unpaintable(f"{opened.width} x {opened.height} pixels")
            return ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Unpaintable(type(error).__name__) from error


def _pixels(box: Box, columns: int, rows: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a box with its padding, inside the picture."""
    x, y, width, height = box
    if not all(abs(side) < _FARTHEST for side in box) or width < 0 or height < 0:
        raise Unpaintable(f"box {box}")
    pad = _PAD_PIXELS + _PAD_SHARE * min(width * columns, height * rows)
    left, right = _clipped(x * columns - pad, (x + width) * columns + pad, columns)
    top, bottom = _clipped(y * rows - pad, (y + height) * rows + pad, rows)
    return left, top, right, bottom


def _clipped(low: float, high: float, size: int) -> tuple[int, int]:
    start = min(max(math.floor(low), 0), size)
    return start, max(start, min(math.ceil(high), size))
