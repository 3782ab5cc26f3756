"""Tables: each cell is scanned with its column's header as context, and with what the column's values say together."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from typing import Final

from sightglass_detect.columns import ColumnEvidence
from sightglass_detect.engine.engine import Engine
from sightglass_detect.engine.words import BARRIER
from sightglass_detect.finding import Finding
from sightglass_detect.offsets import encode, in_characters
from sightglass_detect.scanning import engine_for
from sightglass_detect.settings import Settings

_ROWS: Final = 4_096
_DEFAULT: Final = Settings()


@dataclass(frozen=True, slots=True)
class CellFinding:
    """A finding in a cell. row, column: from 0; the header is no row. Its offsets count characters of the cell."""

    row: int
    column: int
    finding: Finding


def scan_table(
    rows: Iterable[Sequence[str]], header: Sequence[str] = (), *, settings: Settings = _DEFAULT
) -> Iterator[CellFinding]:
    """Scan rows of cells, some thousand at a time, and give the findings by row and column.

    rows: may be of different lengths. header: names of columns, or paths of keys such as `customer.ssn`.
    """
    engine = engine_for(settings)
    evidence: list[ColumnEvidence] = []
    source, first = iter(rows), 0
    while some := list(islice(source, _ROWS)):
        width = max(map(len, some))
        evidence += [ColumnEvidence(settings) for _ in range(width - len(evidence))]
        found: list[CellFinding] = []
        for column in range(width):
            cells = [row[column] if column < len(row) else "" for row in some]
            label = header[column] if column < len(header) else ""
            found += _in_column(engine, cells, label, evidence[column], (first, column))
        yield from sorted(found, key=lambda f: (f.row, f.column, f.finding.start))
        first += len(some)


def _in_column(
    engine: Engine, cells: list[str], label: str, evidence: ColumnEvidence, place: tuple[int, int]
) -> Iterator[CellFinding]:
    encoded = [encode(cell) for cell in cells]
    evidence.add(encoded)
    starts = list(accumulate((len(cell) + len(BARRIER) for cell in encoded), initial=0))
    for finding in engine.scan(BARRIER.join(encoded), encode(label), evidence.detectors):
        row = bisect_right(starts, finding.start) - 1
        within = replace(finding, start=finding.start - starts[row], end=finding.end - starts[row])
        if within.end <= len(encoded[row]):
            shown = within if len(encoded[row]) == len(cells[row]) else in_characters([within], encoded[row])[0]
            yield CellFinding(place[0] + row, place[1], shown)
