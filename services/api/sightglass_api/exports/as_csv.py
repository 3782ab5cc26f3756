"""Findings as CSV by RFC 4180, in which no cell is a formula to a spreadsheet."""

import csv
import io
import json
from collections.abc import Sequence
from typing import ClassVar, Final

from sightglass_api.exports.kinds import Kinds, zulu
from sightglass_api.exports.places import place_of
from sightglass_api.scans.finding_queries import FindingRow

_COLUMNS: Final = (
    "finding_id", "bucket", "key", "version", "detector", "family", "severity", "confidence", "place", "locator",
    "masked", "value_hash", "state", "note", "found_at",
    "detail",
)  # fmt: skip
# OWASP, "CSV Injection"; and the wide forms, which some spreadsheets read as these.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class CsvWriter:
    """A header, then a row a finding. What a spreadsheet would run has an apostrophe before it."""

    media_type: ClassVar[str] = "text/csv; charset=utf-8; header=present"
    suffix: ClassVar[str] = "csv"

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    def begin(self) -> str:
        """The header."""
        return _rows([_COLUMNS])

    def some(self, rows: Sequence[FindingRow]) -> str:
        """A row for each."""
        return _rows([[harmless(cell) for cell in self._cells(row)] for row in rows])

    def end(self) -> str:
        """Nothing: CSV has no closing mark."""
        return ""

    def _cells(self, row: FindingRow) -> tuple[str, ...]:
        return (
            str(row.finding_id),
            row.bucket,
            row.object_key,
            row.version,
            row.detector,
            self._kinds.family(row.detector),
            row.severity,
            str(round(row.confidence, 6)),
            place_of(row.locator),
            json.dumps(row.locator, ensure_ascii=False),
            row.masked,
            row.value_hash,
            row.state,
            row.note,
            zulu(row.found_at),
            row.detail,
        )


def harmless(cell: str) -> str:
    """A cell that is text to every spreadsheet."""
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell


def _rows(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
