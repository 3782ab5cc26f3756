"""A document's texts through the engine: each value that is found in them is kept for as long as the document is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sightglass_detect import ColumnEvidence, Finding, Passage, Settings, scan_each, scan_nested, stream_scanner
from sightglass_detect.column_kinds import column_kinds
from sightglass_detect.engine.words import BARRIER
from sightglass_detect.normalise import normalised
from sightglass_scanner.asked import Cells
from sightglass_scanner.documents.line_ends import over_lines
from sightglass_scanner.documents.values import FlaggedValues
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Column, Text

# With what the engine sees on both sides still one in which it looks for keys above values.
_BLOCK_BYTES: Final = 128 * 1024
# As far as a value that is parted by line ends may reach back into the piece before.
_TAIL_BYTES: Final = 4096
_PIECE_BYTES: Final = 256 * 1024


class Seeker:
    """Takes the pieces of one stretch of text in their order, and adds what is found in them to `values`.

    A table is looked at twice, as scans do: as text, and by columns. Text that is none is also looked at as if its
    lines went on in each other; there only what passes a check is a value.
    """

    def __init__(self, settings: Settings, values: FlaggedValues, labels: bytes) -> None:
        self._settings = settings
        self._values = values
        self._scanner = stream_scanner(settings, labels=labels, block_bytes=_BLOCK_BYTES)
        self._columns: defaultdict[tuple[int, bytes], ColumnEvidence] = defaultdict(lambda: ColumnEvidence(settings))
        self._held = b""
        self._offset = 0  # of the first byte held
        self._tail = b""

    def take(self, text: Text) -> None:
        """Look at the next piece."""
        self._held += text.data
        self._add(self._scanner.feed(text.data))
        if text.columns is not None:
            self._in_columns(text.columns())
        else:
            for finding in scan_nested(text.data, settings=self._settings):
                self._values.add(text.data, finding)
            self._over_lines(text.data)

    def finish(self) -> None:
        """Look at what is left. Nothing is taken afterwards."""
        self._add(self._scanner.finish())

    def _add(self, found: Sequence[Finding]) -> None:
        for finding in found:
            start, end = finding.start - self._offset, finding.end - self._offset
            self._values.add(self._held, replace(finding, start=start, end=end))
        # One byte more tells whether the next value is a word.
        done = max(0, self._scanner.told_to - self._offset - 1)
        self._held, self._offset = self._held[done:], self._offset + done

    def _over_lines(self, data: bytes) -> None:
        data = self._tail + data
        self._tail = data[-_TAIL_BYTES:]
        for finding in over_lines(data, self._settings):
            self._values.add(data, finding)

    def _in_columns(self, columns: Sequence[Column]) -> None:
        named_by = column_kinds(self._settings).named_by
        cells: list[Cells] = []
        unnamed: list[Column] = []
        for number, column in enumerate(columns):
            evidence = self._columns[number, column.name]
            evidence.add(column.values)
            if named := evidence.detectors | named_by(column.name):
                cells.append(Cells([column], named))
            else:
                unnamed.append(column)
        cells += [Cells(unnamed, frozenset())] if unnamed else []
        found = scan_each([some.passage for some in cells], settings=self._settings)
        for some, of_them in zip(cells, found, strict=True):
            for finding in of_them:
                self._add_cell(some.passage.data, finding)

    def _add_cell(self, joined: bytes, finding: Finding) -> None:
        value = joined[finding.start : finding.end]
        if BARRIER in value:
            return
        self._values.add(joined, finding)
        if b'"' in value:  # as a cell in quotes has it
            written = value.replace(b'"', b'""')
            self._values.add(written, replace(finding, start=0, end=len(written)))


def add_long(data: bytes, settings: Settings, values: FlaggedValues) -> None:
    """Look through a text of any length. Adds what is found to its values."""
    seeker = Seeker(settings, values, b"")
    for at in range(0, len(data), _PIECE_BYTES):
        seeker.take(Text(data[at : at + _PIECE_BYTES], _nowhere, offset=at))
    seeker.finish()


def _nowhere(start: int, end: int) -> Locator:
    del start, end
    return Locator(PlaceKind.TEXT)


def add_each(texts: Sequence[tuple[bytes, FlaggedValues]], settings: Settings) -> None:
    """Look through many short texts at once, each by itself. Adds what is found in each to its values."""
    plain = replace(settings, normalise=False)
    for (data, values), found in zip(
        texts, scan_each([Passage(data) for data, _ in texts], settings=plain), strict=True
    ):
        for finding in found:
            values.add(data, finding)
    views = [(data, values, view) for data, values in texts for view in normalised(data)]
    seen = scan_each([Passage(view.data, view.labels) for _, _, view in views], settings=plain)
    for (data, values, view), found in zip(views, seen, strict=True):
        for finding in found:
            if (placed := view.placed(finding)) is not None:
                values.add(data, placed)
    for data, values in texts:
        for finding in over_lines(data, settings):
            values.add(data, finding)
