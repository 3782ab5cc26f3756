"""HTML as a person reads it: its text in lines, without tags, comments, scripts and styles.

Scans look at all of a page; a document of a dataset is what can be read of it. What is left out is never kept, so that
a value in it needs no token; and a value that tags part is one again before it is looked for.
"""

import html
import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from sightglass_scanner.readers.decode import decoded, with_last
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Text
from sightglass_scanner.readers.segments import Segment, texts
from sightglass_scanner.readers.sniff import HEAD_BYTES, Format, sniff
from sightglass_scanner.readers.source import Source

_TYPES: Final = frozenset(("text/html", "application/xhtml+xml"))
_NAMES: Final = (".htm", ".html", ".xhtml")
# Each is tried once at each `<`, and goes no further than the next: no page takes more than one way through it.
_TAG: Final = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9:-]*+)[^<>]*+>|<(?!!--)[!?][^<>]*+>")
_COMMENT: Final = b"<!--"
_ENDS: Final = {
    b"!--": re.compile(rb"-->"),
    **{name: re.compile(rb"</" + name, re.IGNORECASE) for name in (b"script", b"style", b"svg", b"template")},
}
# Of a piece that ends within a tag or a reference, what is looked at again with the next.
_MOST_TAG_BYTES: Final = 64 * 1024
_MOST_REFERENCE_BYTES: Final = 40
# A longer line is given in parts: what is held has a bound.
_MOST_LINE_CHARS: Final = 64 * 1024
_LINES: Final = frozenset(
    b"address article aside blockquote body br caption dd div dl dt fieldset figcaption figure footer form head header"
    b" hr html legend li main nav ol option section select summary tbody tfoot thead title tr ul".split()
)
_PARAGRAPHS: Final = frozenset(b"h1 h2 h3 h4 h5 h6 p pre table".split())
_CELLS: Final = frozenset((b"td", b"th"))
_BLANK: Final = re.compile(r"[ \t\r\n\f]+")


def is_page(source: Source, filename: str, content_type: str) -> bool:
    """Whether a source is HTML by what it is said to be, and text by what it holds."""
    named = content_type.partition(";")[0].strip().lower() in _TYPES or filename.lower().endswith(_NAMES)
    return named and sniff(source.read(0, HEAD_BYTES)) is Format.TEXT


def read_page(source: Source) -> Iterator[Text]:
    """What a person reads of a page; a place is a line of its source. Raises what the source raises."""
    page = Page()
    return texts(line for piece, last in with_last(decoded(source)) for line in page.lines(piece.data, last=last))


class Page:
    """A page that comes in pieces."""

    def __init__(self) -> None:
        self._held = b""
        self._silent = b""  # what is not read until its end
        self._said: list[str] = []
        self._size = 0
        self._number = 1  # of the line of the source
        self._begun: int | None = None  # that of the first that is not blank of what is said

    def lines(self, data: bytes, *, last: bool) -> Iterator[Segment]:
        """The lines that end in the next piece."""
        data, at = self._held + data, 0
        while at < len(data):
            if self._silent:
                end, more = self._skipped(data, at, last=last)
            else:
                end, more = self._read(data, at, last=last)
            self._number += data.count(b"\n", at, end)
            at = end
            if more and not self._silent and (tag := _TAG.match(data, at)):
                yield from self._take(tag)
                self._number += tag[0].count(b"\n")
                at = tag.end()
            if self._size > _MOST_LINE_CHARS:
                yield from self._line()
            if not more:
                break
        self._held = data[at:]
        if last:
            yield from self._line()

    def _skipped(self, data: bytes, at: int, *, last: bool) -> tuple[int, bool]:
        """Up to where it was not read, and whether its end is there."""
        found = _ENDS[self._silent].search(data, at)
        if found is None:
            return (len(data) if last else max(at, len(data) - _MOST_REFERENCE_BYTES)), False
        comment = self._silent == b"!--"
        self._silent = b""
        return (found.end() if comment else found.start()), True

    def _read(self, data: bytes, at: int, *, last: bool) -> tuple[int, bool]:
        """Up to where text was read, and whether there is more in this piece: a tag, or text behind a mere `<`."""
        sign = data.find(b"<", at)
        if sign > at:
            self._say(data[at:sign])
            return sign, True
        if sign < 0:
            reference = data.rfind(b"&", max(at, len(data) - _MOST_REFERENCE_BYTES))
            end = len(data) if last or reference < 0 else reference
            self._say(data[at:end])
            return end, False
        if data.startswith(_COMMENT, at):
            self._silent = b"!--"
            return at + len(_COMMENT), True
        if _TAG.match(data, at):
            return at, True
        if not last and data.find(b"<", at + 1) < 0 and len(data) - at < _MOST_TAG_BYTES:
            return at, False
        self._say(b"<")
        return at + 1, True

    def _say(self, text: bytes) -> None:
        if self._begun is None and (seen := text.lstrip()):
            self._begun = self._number + text.count(b"\n", 0, len(text) - len(seen))
        self._said.append(html.unescape(text.decode()))
        self._size += len(self._said[-1])

    def _take(self, tag: "re.Match[bytes]") -> Iterator[Segment]:
        name = (tag[2] or b"").lower()
        if name in _PARAGRAPHS:
            yield from self._line()
            yield Segment("", partial(_place, self._number))
        elif name in _LINES:
            yield from self._line()
        elif name in _CELLS and not tag[1]:
            self._said += ["\t"] if self._said else []
        if name in _ENDS and not tag[1] and not tag[0].endswith(b"/>"):
            self._silent = name

    def _line(self) -> Iterator[Segment]:
        text = "\t".join(_BLANK.sub(" ", cell).strip() for cell in "".join(self._said).split("\t"))
        begun = self._begun or self._number
        self._said.clear()
        self._size, self._begun = 0, None
        if text.strip():
            yield Segment(text.strip(), partial(_place, begun))


def _place(line: int, character: int) -> Locator:
    del character  # a line of the source has another number of them
    return Locator(PlaceKind.TEXT, line=line)
