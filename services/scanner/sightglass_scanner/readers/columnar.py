"""Parquet and ORC, by Arrow if it is installed, and Avro. A place is a column of a row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import fastavro

from sightglass_scanner.readers import grid
from sightglass_scanner.readers.limits import Refused
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Piece, Skipped, SkipReason
from sightglass_scanner.readers.seekable import opened
from sightglass_scanner.readers.source import Source

orc: Any
parquet: Any
try:
    from pyarrow import orc, parquet
except ImportError:  # an extra
    orc = parquet = None

_BATCH_ROWS = 1000


@dataclass(frozen=True, slots=True)
class _Fields:
    names: tuple[str, ...]

    def cell(self, row: int, column: int, character: int) -> Locator:
        del character
        name = self.names[column] if column < len(self.names) else str(column + 1)
        return Locator(PlaceKind.CELL, row=row, field=name)


def read_parquet(source: Source) -> Iterator[Piece]:
    """The rows of a Parquet file, from 1. Raises Refused, and what Arrow raises."""
    _needs_arrow()
    file = parquet.ParquetFile(opened(source), memory_map=False, pre_buffer=False)
    yield from _batches(file.schema_arrow.names, file.iter_batches(_BATCH_ROWS, use_threads=False))


def read_orc(source: Source) -> Iterator[Piece]:
    """The rows of an ORC file, from 1. Raises Refused, and what Arrow raises."""
    _needs_arrow()
    file = orc.ORCFile(opened(source))
    stripes = (file.read_stripe(number) for number in range(file.nstripes))
    yield from _batches(file.schema.names, stripes)


def read_avro(source: Source) -> Iterator[Piece]:
    """The records of an Avro file, from 1. What was read before damage is given first."""
    file = fastavro.reader(opened(source))
    schema = cast("Mapping[str, Any]", file.writer_schema)
    fields = cast("Sequence[Mapping[str, Any]]", schema.get("fields", ()))
    names = tuple(str(field["name"]) for field in fields)
    rows = _Records(iter(cast("Iterator[object]", file)), names)
    yield from grid.texts(rows.read(), names, _Fields(names).cell)
    if rows.failure:
        yield Skipped(SkipReason.DAMAGED, None, rows.failure)


class _Records:
    def __init__(self, records: Iterator[object], names: Sequence[str]) -> None:
        self._records = records
        self._names = names
        self.failure = ""

    def read(self) -> Iterator[grid.Row]:
        number = 0
        while True:
            try:
                record = next(self._records, None)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 -- whatever a library finds wrong with foreign bytes
                self.failure = type(error).__name__
                return
            if record is None:
                return
            number += 1
            named = cast("Mapping[str, object]", record) if isinstance(record, dict) else {"": record}
            yield number, [_said(named.get(name)) for name in self._names or ("",)]


def _needs_arrow() -> None:
    if parquet is None:
        raise Refused(SkipReason.UNSUPPORTED, "Arrow is not installed")


def _batches(names: Sequence[str], batches: Iterator[Any]) -> Iterator[Piece]:
    def rows() -> Iterator[grid.Row]:
        number = 0
        for batch in batches:
            columns: list[list[object]] = [column.to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                yield number, [_said(value) for value in values]

    yield from grid.texts(rows(), tuple(names), _Fields(tuple(names)).cell)


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").replace("\ufffd", " ")
    return str(value)
