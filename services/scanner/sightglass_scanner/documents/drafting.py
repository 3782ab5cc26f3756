"""What a source comes to, a step at a time: runs in a thread, and holds no more than one document."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sightglass_detect import Settings
from sightglass_scanner.documents.batches import RedactedRecord, redacted_records
from sightglass_scanner.documents.lines import lines
from sightglass_scanner.documents.pages import is_page, read_page
from sightglass_scanner.documents.queries import ContentRow, DocumentRow
from sightglass_scanner.documents.records import NotARecord, Record, record_of
from sightglass_scanner.documents.whole import Passage, Whole
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.reader import read
from sightglass_scanner.readers.source import Source

_LIMITS: Final = Limits()
_CONTENT_CHARS: Final = 64 * 1024
# Stored by one transaction.
_BATCH_LINES: Final = 256
_BATCH_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents of lines that follow one another, with what each says."""

    documents: Sequence[tuple[DocumentRow, Sequence[ContentRow]]]


def gathered(source: Source, name: str, content_type: str, whole: Whole) -> Iterator[None]:
    """Have a document take all that is read of an object. Raises Unfit, and what the source raises."""
    page = is_page(source, name, content_type)
    for piece in read_page(source) if page else read(source, _LIMITS, name=name):
        whole.take(piece)
        yield None


def content_rows(passages: Iterable[Passage]) -> Iterator[ContentRow]:
    """Passages in rows of some 64 KiB."""
    held: list[Passage] = []
    number = size = 0
    for passage in passages:
        held.append(passage)
        size += len(passage.text)
        if size >= _CONTENT_CHARS:
            yield ContentRow(number, held)
            held, number, size = [], number + 1, 0
    if held:
        yield ContentRow(number, held)


def batches(source: Source, settings: Settings, most_chars: int) -> Iterator[Batch]:
    """The documents of a source in which each line is one. Empty lines are none. Raises what the source raises."""
    held: list[tuple[int, bytes | None]] = []
    size = 0
    for number, line in enumerate(lines(source), 1):
        if line is not None and not line.strip():
            continue
        held.append((number, line))
        size += len(line or b"")
        if len(held) >= _BATCH_LINES or size >= _BATCH_BYTES:
            yield _batch(held, settings, most_chars)
            held, size = [], 0
    if held:
        yield _batch(held, settings, most_chars)


def _batch(some: Sequence[tuple[int, bytes | None]], settings: Settings, most_chars: int) -> Batch:
    skipped: dict[int, DocumentRow] = {}
    records: list[Record] = []
    for number, line in some:
        if line is None:
            skipped[number] = _skipped(number, "too_large", "")
            continue
        try:
            records.append(record_of(line, number).within(most_chars))
        except NotARecord as error:
            skipped[number] = _skipped(number, "not_a_record", error.detail)
    read = {record.line: record for record in redacted_records(records, settings)}
    return Batch([_drafted(read[n]) if n in read else (skipped[n], ()) for n, _ in some])


def _skipped(number: int, reason: str, detail: str) -> DocumentRow:
    return DocumentRow(number, None, "", "skipped", reason, f"line {number}: {detail}" if detail else f"line {number}")


def _drafted(record: RedactedRecord) -> tuple[DocumentRow, Sequence[ContentRow]]:
    if record.ref is None:
        return _skipped(record.line, record.reason or "", "its `id` is sensitive"), ()
    detail = f"line {record.line}" if record.reason else ""
    status = "skipped" if record.reason else "read"
    row = DocumentRow(
        record.line, record.ref, str(record.title), status, record.reason, detail, record.metadata, record.redactions
    )
    return row, tuple(content_rows(record.passages))
