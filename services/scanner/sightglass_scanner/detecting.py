"""An object's text through the engine: what is found in it, with its place, and no value but in a hash."""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sightglass_detect import (
    ColumnEvidence,
    Finding,
    Settings,
    scan,
    scan_each,
    scan_nested,
    stream_scanner,
)
from sightglass_detect.column_kinds import column_kinds
from sightglass_detect.columns import any_may_be_evidence, first_rows
from sightglass_scanner.asked import Asked, Cells, Told, located
from sightglass_scanner.masking import shown, storable
from sightglass_scanner.readers.locator import Locator
from sightglass_scanner.readers.reading import Column, Glance, Text
from sightglass_scanner.results import FindingRow
from sightglass_scanner.sealing import Place, finding_id, value_hash

# Small, so that a reader still knows the place of what is told: with what the engine carries along, below 64 KiB.
_BLOCK_BYTES: Final = 32 * 1024
_TAIL_BYTES: Final = 128 * 1024
# Of one object no more are kept: it is sensitive without any further.
MOST_FINDINGS: Final = 10_000
_MOST_NAME_CHARS: Final = 512


@dataclass(frozen=True, slots=True)
class Sealer:
    """Makes rows of what is found in one object. key: of the tenant's hashes. settings: of what is sensitive."""

    place: Place
    key: bytes
    settings: Settings

    def sealed(self, finding: Finding, value: bytes, locator: Locator) -> FindingRow:
        """The row of a finding."""
        place = {name: _named(self.settings, part) for name, part in locator.as_json().items()}
        hashed = value_hash(self.key, value)
        return FindingRow(
            finding_id(self.place, finding.detector, place, hashed),
            self.place.bucket,
            self.place.key,
            self.place.version,
            finding.detector,
            str(finding.severity),
            finding.confidence,
            place,
            shown(value.decode("utf-8", "replace"), finding.detector),
            hashed,
            storable(finding.detail),
        )


@lru_cache(maxsize=4096)
def _named(settings: Settings, part: str | int) -> str | int:
    """A part of a locator. Names of columns, keys and members may be sensitive themselves, and most come often."""
    if isinstance(part, int):
        return part
    text = storable(part)[:_MOST_NAME_CHARS]
    for finding in reversed(scan(text, settings=settings)):
        text = text[: finding.start] + shown(text[finding.start : finding.end], finding.detector) + text[finding.end :]
    return text


class Detector:
    """Takes the texts of one object in their order.

    A table is looked at twice: as text, where values of one row name each other, and by columns, which say what their
    values are. What both tell of a value in a cell is one finding.
    """

    def __init__(self, settings: Settings, sealer: Sealer) -> None:
        self._settings = settings
        self._sealer = sealer
        self._stretch: _Stretch | None = None
        self._columns: defaultdict[tuple[int, bytes], ColumnEvidence]
        self._found: dict[tuple[object, ...], FindingRow] = {}
        self._forget_columns()

    @property
    def full(self) -> bool:
        """Whether no more is kept."""
        return len(self._found) >= MOST_FINDINGS

    def take(self, text: Text) -> None:
        """Look at the next piece."""
        if self._stretch is None or text.offset == 0:
            self.end()
            self._stretch = _Stretch(self._settings, text.labels)
        self._add(self._stretch.feed(text))
        if text.columns is not None:
            self._add(self._in_columns(text.columns()))
        else:
            self._add(self._under_keys(text))

    def cells(self, text: Text, *, matched: bool) -> Sequence[Cells]:
        """What of a table that is all of its stretch is to be looked through besides its text: most often nothing.

        matched: as of the look at the text. In place of `take`, with `hear` for these, and then for the text.
        """
        if text.columns is None:
            return ()
        if text.glance is None or self._may_tell(text.glance):
            return self._columns_of(text.columns())
        return [Cells(text.columns(), frozenset())] if matched else ()

    def _may_tell(self, table: Glance) -> bool:
        """Whether a column is something by its header, or may be by its values."""
        kinds = column_kinds(self._settings)
        if kinds.name_any(table.headers):
            return True
        return any_may_be_evidence(table.first(first_rows(table.rows)), table.rows, kinds)

    def hear(self, asked: Asked, found: Sequence[Finding]) -> None:
        """Take what was found."""
        self._add(asked.told(found))

    def finish(self) -> list[FindingRow]:
        """All that is found."""
        self.end()
        return list(self._found.values())[:MOST_FINDINGS]

    def end(self) -> None:
        """Take what there is for all of its stretch; while its places can still be asked for."""
        if self._stretch is not None:
            self._add(self._stretch.finish())
            self._stretch = None
            self._forget_columns()

    def _forget_columns(self) -> None:
        self._columns = defaultdict(lambda: ColumnEvidence(self._settings))

    def _add(self, found: Iterable[Told]) -> None:
        for finding, value, locator in found:
            row = self._sealer.sealed(finding, value, locator)
            key = _identity(row, locator)
            known = self._found.get(key)
            if known is None or row.confidence > known.confidence:
                self._found[key] = row

    def _under_keys(self, text: Text) -> Iterator[Told]:
        """What keys name that stand above it, in JSON and the like; of one piece, as such values are not far."""
        for finding in scan_nested(text.data, settings=self._settings):
            start, end = text.offset + finding.start, text.offset + finding.end
            yield finding, text.data[finding.start : finding.end], located(text.locate, start, end)

    def _in_columns(self, columns: Sequence[Column]) -> Iterator[Told]:
        cells = self._columns_of(columns)
        found = scan_each([some.passage for some in cells], settings=self._settings)
        for some, of_them in zip(cells, found, strict=True):
            yield from some.told(of_them)

    def _columns_of(self, columns: Sequence[Column]) -> Sequence[Cells]:
        """Columns by themselves where it is known what they are; all others at once, as none names another."""
        cells: list[Cells] = []
        unnamed: list[Column] = []
        named_by = column_kinds(self._settings).named_by
        for number, column in enumerate(columns):
            evidence = self._columns[number, column.name]
            evidence.add(column.values)
            named = evidence.detectors | named_by(column.name)
            if named:
                cells.append(Cells([column], named))
            else:
                unnamed.append(column)
        return [*cells, Cells(unnamed, frozenset())] if unnamed else cells


class _Stretch:
    """A stretch of text, piece by piece, and as much of what was before as a finding may begin in."""

    def __init__(self, settings: Settings, labels: bytes) -> None:
        self._scanner = stream_scanner(settings, labels=labels, block_bytes=_BLOCK_BYTES)
        self._pieces: deque[Text] = deque()
        self._held = 0

    def feed(self, text: Text) -> Iterator[Told]:
        self._pieces.append(text)
        self._held += len(text.data)
        while self._held - len(self._pieces[0].data) >= _TAIL_BYTES + len(text.data):
            self._held -= len(self._pieces.popleft().data)
        yield from self._told(self._scanner.feed(text.data), text.locate)

    def finish(self) -> Iterator[Told]:
        return self._told(self._scanner.finish(), self._pieces[-1].locate)

    def _told(self, found: Iterable[Finding], locate: Callable[[int, int], Locator]) -> Iterator[Told]:
        for finding in found:
            yield finding, self._value(finding.start, finding.end), located(locate, finding.start, finding.end)

    def _value(self, start: int, end: int) -> bytes:
        parts = (p.data[max(0, start - p.offset) : max(0, end - p.offset)] for p in self._pieces)
        return b"".join(parts)


def _identity(row: FindingRow, locator: Locator) -> tuple[object, ...]:
    """What two findings share that are one: in a cell the value, elsewhere the place and the detector too."""
    if locator.row is None and locator.cell is None:
        return json.dumps(row.locator, sort_keys=True), row.detector, row.value_hash
    cell = (locator.member, locator.part, locator.sheet, locator.table, locator.row, locator.cell, locator.field)
    return *cell, row.value_hash
