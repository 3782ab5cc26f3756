"""Rows of a Parquet or ORC file from a place on, by the names of their columns. Foreign bytes: for a child."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sightglass_scanner.readers.seekable import opened
from sightglass_scanner.readers.source import Source

orc: Any
parquet: Any
try:
    from pyarrow import orc, parquet
except ImportError:  # an extra
    orc = parquet = None

Row: TypeAlias = list[object]
# A row group or stripe, and a row in it.
At: TypeAlias = tuple[int, int]
# Gives the batches of one row group or stripe.
_Batches: TypeAlias = Callable[[int], Iterator[Any]]

_BATCH_ROWS: Final = 1000
# Without it Arrow holds the whole of each column of a row group.
_BUFFER_BYTES: Final = 1024**2


class Unreadable(Exception):
    """The file has not what is asked of it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a file: up to `most` rows from a place on, each with a value for each of `fields`.

    kind: "Parquet" or "ORC". needed: fields that the file must have; of others that it has not, the value is None.
    """

    kind: str
    fields: Sequence[str]
    needed: Sequence[str]
    at: At
    most: int


def read_rows(source: Source, wanted: Wanted) -> Iterator[list[Row] | At | None]:
    """The rows, in lists; at last the place behind them, or None at the end of the file.

    Raises Unreadable when a field is missing that is needed, or Arrow is; and what Arrow raises.
    """
    if parquet is None:
        raise Unreadable("Arrow is not installed")
    groups, batches = _parquet(source, wanted) if wanted.kind == "Parquet" else _orc(source, wanted)
    most, (first, skipped) = wanted.most, wanted.at
    for group in range(first, groups):
        seen = 0
        for batch in batches(group):
            for begin in range(min(max(skipped - seen, 0), batch.num_rows), batch.num_rows, _BATCH_ROWS):
                some = batch.slice(begin, min(_BATCH_ROWS, most))
                yield _rows(some, wanted.fields)
                most -= some.num_rows
                if not most:
                    yield group, seen + begin + some.num_rows
                    return
            seen += batch.num_rows
        skipped = 0
    yield None


def _parquet(source: Source, wanted: Wanted) -> tuple[int, _Batches]:
    file = parquet.ParquetFile(opened(source), memory_map=False, pre_buffer=False, buffer_size=_BUFFER_BYTES)
    columns = _columns(file.schema_arrow.names, wanted)

    def batches(group: int) -> Iterator[Any]:
        return file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=columns, use_threads=False)

    return file.num_row_groups, batches


def _orc(source: Source, wanted: Wanted) -> tuple[int, _Batches]:
    file = orc.ORCFile(opened(source))
    columns = _columns(file.schema.names, wanted)

    def batches(stripe: int) -> Iterator[Any]:
        yield file.read_stripe(stripe, columns=columns)

    return file.nstripes, batches


def _columns(names: Sequence[str], wanted: Wanted) -> list[str]:
    for field in wanted.needed:
        if field not in names:
            raise Unreadable(f"it has no field {field}")
    return [field for field in wanted.fields if field in names]


def _rows(batch: Any, fields: Sequence[str]) -> list[Row]:
    nothing = [None] * batch.num_rows
    columns = [batch.column(name).to_pylist() if name in batch.schema.names else nothing for name in fields]
    return [[_said(value) for value in row] for row in zip(*columns, strict=True)]


def _said(value: object) -> object:
    """A value as JSON has it. Raises UnicodeDecodeError: a key that is not UTF-8 would be another key."""
    if isinstance(value, bytes):
        return value.decode()
    return value if value is None or isinstance(value, str | int) else str(value)
