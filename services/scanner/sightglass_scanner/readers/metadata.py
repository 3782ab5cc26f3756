"""What a picture says in words: EXIF, and comments of its format. A place is a field."""

from collections.abc import Iterator
from functools import partial
from typing import cast

from PIL import ExifTags, Image, UnidentifiedImageError

from sightglass_scanner.readers.limits import Refused
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Piece, SkipReason
from sightglass_scanner.readers.seekable import opened
from sightglass_scanner.readers.segments import Segment, texts
from sightglass_scanner.readers.source import Source

# Fields that Windows writes in UTF-16: XPTitle to XPSubject.
_WIDE = range(0x9C9B, 0x9CA0)
# Opening looks at a header alone; no pixel is decoded.
_FORMATS = ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "AVIF")


def load() -> None:
    """Load what is else loaded when the first picture comes."""
    Image.init()


def read(source: Source) -> Iterator[Piece]:
    """The fields that are text. Raises Refused."""
    try:
        with Image.open(opened(source), formats=_FORMATS) as image:
            segments = [*_exif(image), *_comments(image)]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError) as error:
        raise Refused(SkipReason.DAMAGED, type(error).__name__) from error
    yield from texts(segments)


def _exif(image: Image.Image) -> Iterator[Segment]:
    exif = image.getexif()
    for tag, value in exif.items():
        yield from _said(ExifTags.TAGS.get(tag, f"{tag:#06x}"), tag, value)
    for block, names in ((ExifTags.IFD.Exif, ExifTags.TAGS), (ExifTags.IFD.GPSInfo, ExifTags.GPSTAGS)):
        for tag, value in exif.get_ifd(block).items():
            yield from _said(names.get(tag, f"{tag:#06x}"), tag, value)


def _comments(image: Image.Image) -> Iterator[Segment]:
    for name, value in image.info.items():
        if isinstance(name, str) and name != "exif":
            yield from _said(name, 0, value)


def _said(name: str, tag: int, value: object) -> Iterator[Segment]:
    if isinstance(value, bytes):
        if tag in _WIDE:
            text = value.decode("utf-16-le", "replace")
        elif name in {"UserComment", "comment", "MakerNote", "xmp", "XML:com.adobe.xmp"}:
            # The first eight bytes of a user comment name its encoding. EXIF 2.32, 4.6.5.
            text = value.removeprefix(b"ASCII\0\0\0").decode("utf-8", "replace")
        else:
            return
    elif isinstance(value, str):
        text = value
    elif isinstance(value, tuple):  # degrees, minutes and seconds
        text = str(cast("tuple[object, ...]", value))
    else:
        return
    text = " ".join(text.replace("\0", " ").split())
    if text:
        yield Segment(f"{name}: {text}", partial(_place, name))


def _place(name: str, character: int) -> Locator:
    return Locator(PlaceKind.METADATA, field=name, column=max(1, character - len(name) - 1))
