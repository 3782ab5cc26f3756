"""PDF. A place is a line of a page's text, as it is read from the page."""

from collections.abc import Iterator
from functools import partial
from typing import cast

import pypdfium2
import pypdfium2.raw as pdfium

from sightglass_scanner.readers.limits import Refused
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Piece, Skipped, SkipReason
from sightglass_scanner.readers.seekable import opened
from sightglass_scanner.readers.segments import Segment, texts
from sightglass_scanner.readers.source import Source


def read(source: Source) -> Iterator[Piece]:
    """The text of all pages; of a page that cannot be read, that. Raises Refused."""
    try:
        document = pypdfium2.PdfDocument(opened(source))
    except pypdfium2.PdfiumError as error:
        code = cast("int | None", getattr(error, "err_code", None))
        encrypted = code == pdfium.FPDF_ERR_PASSWORD
        raise Refused(SkipReason.ENCRYPTED if encrypted else SkipReason.DAMAGED, "") from error
    try:
        for number in range(1, len(document) + 1):
            yield from _page(document, number)
    finally:
        document.close()


def _page(document: pypdfium2.PdfDocument, number: int) -> Iterator[Piece]:
    try:
        page = document[number - 1]
        text_page = page.get_textpage()
        text: str = text_page.get_text_range()
        text_page.close()
        page.close()
    except pypdfium2.PdfiumError:
        yield Skipped(SkipReason.DAMAGED, Locator(PlaceKind.PAGE, page=number))
        return
    lines = text.replace("\r\n", "\n").split("\n")
    yield from texts(Segment(line, partial(_place, number, i)) for i, line in enumerate(lines, 1))


def _place(page: int, line: int, character: int) -> Locator:
    return Locator(PlaceKind.PAGE, page=page, line=line, column=character + 1)
