"""Image files to grey pictures, inside the text engine's process: by Pillow, under that process' limits."""

import io
import warnings
from typing import Any, Final

import numpy as np
from PIL import AvifImagePlugin, Image, ImageOps, UnidentifiedImageError

from sightglass_common.video_errors import DimensionsTooLarge, UnreadableImage
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.ocr.engine import Page, TextEngine

_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
# As wide as a screen: smaller ones are found in their own size, larger ones in a picture of this longer side.
_FINDING_SIDE: Final = 1920
# The side in which an engine looks for the lines of a whole picture: see rapid.py.
_ENGINE_SIDE: Final = 960
_MOST_LINES: Final = 1000
_MOST_CHARS: Final = 200
_WHOLE: Final = Box(0.0, 0.0, 1.0, 1.0)


def load() -> None:
    """Load the decoders: none can be once this process is shut in."""
    Image.init()
    warnings.simplefilter("ignore")  # of damaged files, whose fields they quote
    # Ours is checked before, and refused with a code of ours.
    Image.MAX_IMAGE_PIXELS = None
    # A thread for each core else, each with memory of its own.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def read_picture(engine: TextEngine, data: bytes, most_pixels: int) -> dict[str, Any]:
    """The lines of an image file, as PictureRead has them; of one that cannot be read, why."""
    try:
        luma = _luma(data, most_pixels)
    except _TooLarge:
        return {"lines": [], "refused": DimensionsTooLarge.code}
    # What a decoder makes of a damaged file is of any kind; memory is not, it ends the process.
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, EOFError):
        return {"lines": [], "refused": UnreadableImage.code}
    longer = max(luma.shape)
    side = max(1, round(_ENGINE_SIDE * longer / min(longer, _FINDING_SIDE)))
    lines = [line._replace(text=line.text[:_MOST_CHARS]) for line in engine.read(Page(luma, side, [_WHOLE]))]
    return {"lines": lines[:_MOST_LINES], "left_out": max(0, len(lines) - _MOST_LINES)}


class _TooLarge(Exception):
    """More pixels than are decoded."""


def _luma(data: bytes, most_pixels: int) -> Pixels:
    """The first picture of a file as it is shown, on white where it is transparent."""
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        # Only the header is read by now: a picture of 400 million pixels may be a file of 48 kB.
        if image.width * image.height > most_pixels:
            raise _TooLarge
        shown = ImageOps.exif_transpose(image)
        if shown.has_transparency_data:
            shown = shown.convert("RGBA")
            shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
        return np.asarray(shown.convert("L")).copy()
