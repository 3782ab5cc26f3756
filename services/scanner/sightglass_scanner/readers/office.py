"""Office documents that are XML in a ZIP: DOCX, PPTX, ODT, ODP. A place is a paragraph of a part."""

import re
from collections import deque
from collections.abc import Collection, Iterator
from enum import StrEnum
from functools import partial
from typing import Final
from xml.parsers import expat

from sightglass_scanner.readers.limits import Refused
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import SkipReason
from sightglass_scanner.readers.segments import Segment
from sightglass_scanner.readers.unpacked import Unpacked

_CHUNK_BYTES: Final = 64 * 1024


class Office(StrEnum):
    """What a ZIP is when it is an office document."""

    DOCUMENT = "document"
    WORKBOOK = "workbook"


# Parts of which no letter was written by a person.
_BOILERPLATE: Final = re.compile(
    r"\[Content_Types\]\.xml|META-INF/.*"
    r"|(word|ppt)/(styles|settings|webSettings|fontTable|numbering|stylesWithEffects|presProps|viewProps|tableStyles)\.xml"
    r"|(word|ppt)/theme/.*|ppt/(slideLayouts|slideMasters|notesMasters|handoutMasters)/.*|.*/_rels/.*|_rels/.*|settings\.xml"
)
# Ends of WordprocessingML, DrawingML and OpenDocument that end a line; starts that part words.
_LINES: Final = frozenset(("p", "h", "tr"))
_BREAKS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "s": " ", "line-break": "\n", "tc": " "}
# Instructions and properties beside the text: `PAGE`, `\* MERGEFORMAT`.
_NO_TEXT: Final = frozenset(("posOffset", "pctWidth", "pctHeight", "align"))


def kind(names: Collection[str], media_type: bytes) -> Office | None:
    """What a ZIP with these members is; None if it is no office document."""
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names or b"opendocument.spreadsheet" in media_type:
        return Office.WORKBOOK
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        return Office.DOCUMENT
    if b"opendocument" in media_type and "content.xml" in names:
        return Office.DOCUMENT
    return None


def is_text_part(name: str) -> bool:
    """Whether a member is XML that people's text may be in."""
    return name.endswith(".xml") and not _BOILERPLATE.fullmatch(name)


def is_boilerplate(name: str) -> bool:
    """Whether a member is of the format's own."""
    return name == "mimetype" or name.endswith((".rels", "/")) or bool(_BOILERPLATE.fullmatch(name))


class Part:
    """A part of a document. failure: why not all of it was read, once it was."""

    def __init__(self, content: Unpacked, part: str) -> None:
        self._content = content
        self._part = part
        self._ready: deque[str] = deque()
        self._line: list[str] = []
        self._silent = 0
        self.failure: Refused | None = None

    def paragraphs(self) -> Iterator[Segment]:
        """Its paragraphs that are not empty, as far as it can be read."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self._characters
        # No office document has any; they are what bombs are made of.
        parser.EntityDeclHandler = self._entity
        at = number = 0
        last = False
        while not last:
            chunk = self._content.read(at, _CHUNK_BYTES)
            at += len(chunk)
            last = not chunk
            self._parse(parser, chunk, last=last)
            last = last or self.failure is not None
            if last and self._line:
                self._end_line()
            while self._ready:
                number += 1
                text = self._ready.popleft()
                if text.strip():
                    yield Segment(text, partial(_place, self._part, number))

    def _parse(self, parser: expat.XMLParserType, chunk: bytes, *, last: bool) -> None:
        try:
            parser.Parse(chunk, last)
        except expat.ExpatError as error:
            # Of a part that is cut off, the reason is that of the archive.
            self.failure = Refused(SkipReason.DAMAGED, expat.ErrorString(error.code))
        except Refused as refused:
            self.failure = refused

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        local = name.rpartition(" ")[2]
        if local in _BREAKS:
            self._line.append(_BREAKS[local])
        self._silent += local in _NO_TEXT

    def _ended(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local in _LINES:
            self._end_line()
        self._silent -= local in _NO_TEXT

    def _characters(self, text: str) -> None:
        if not self._silent:
            self._line.append(text)

    def _entity(self, *_: object) -> None:
        raise Refused(SkipReason.UNSUPPORTED, "entities")

    def _end_line(self) -> None:
        self._ready.append("".join(self._line))
        self._line.clear()


def _place(part: str, number: int, character: int) -> Locator:
    return Locator(PlaceKind.PARAGRAPH, part=part, paragraph=number, column=character + 1)
