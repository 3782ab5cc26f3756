"""What a picture says in words is read, and the picture is handed on."""

import io

import pytest
from PIL import Image, PngImagePlugin
from tests.unit.scanner.readers.looking import look
from tests.unit.scanner.readers.packing import NEEDLE, zipped

from sightglass_scanner.readers.reading import Handed, MediaKind, SkipReason


def picture(kind: str, **fields: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, kind, **fields)
    return out.getvalue()


def exif() -> Image.Exif:
    fields = Image.Exif()
    fields[0x010E] = "a picture of " + NEEDLE
    fields[0x9C9D] = "bob@example.com".encode("utf-16-le")
    fields.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0eve@example.com"
    return fields


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_field_is_told_by_its_name(kind: str) -> None:
    found = look(picture(kind, exif=exif()), NEEDLE, "bob@example.com")
    assert (found.only(NEEDLE).field, found.only(NEEDLE).column) == ("ImageDescription", 14)
    assert found.only("bob@example.com").field == "XPAuthor"
    assert found.handed == [Handed(MediaKind.IMAGE)]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])  # into a TIFF, Pillow does not write it
def test_a_comment_of_a_user_is_read(kind: str) -> None:
    assert look(picture(kind, exif=exif()), "eve@example.com").only("eve@example.com").field == "UserComment"


def test_comments_are_read() -> None:
    comments = PngImagePlugin.PngInfo()
    comments.add_text("Comment", NEEDLE)
    assert look(picture("PNG", pnginfo=comments), NEEDLE).only(NEEDLE).field == "Comment"
    assert look(picture("GIF", comment=NEEDLE.encode()), NEEDLE).only(NEEDLE).field == "comment"


def test_a_picture_in_an_archive_is_handed_on_by_its_name() -> None:
    found = look(zipped({"a/b.jpg": picture("JPEG", exif=exif())}), NEEDLE)
    assert found.only(NEEDLE).member == "a/b.jpg"
    assert found.handed == [Handed(MediaKind.IMAGE, "a/b.jpg")]


def test_a_broken_picture_is_reported_and_handed_on() -> None:
    found = look(b"\x89PNG\r\n\x1a\n" + bytes(40))
    assert [s.reason for s in found.skipped] == [SkipReason.DAMAGED]
    assert found.handed == [Handed(MediaKind.IMAGE)]
