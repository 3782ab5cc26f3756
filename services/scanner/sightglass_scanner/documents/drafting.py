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
# Lines that are no documents: a file that is none of records has nothing else.
_MOST_TOLD: Final = 1000
_NOT_A_RECORD: Final = "not_a_record"


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
    """The documents of a source in which each line is one. Empty lines are none. Raises what the source raises.

    Of lines that are no documents the first are told one by one, and how many more there are with the last.
    """
    drafter = _Drafter(settings, most_chars)
    held: list[tuple[int, bytes | None]] = []
    size = 0
    for number, line in enumerate(lines(source), 1):
        if line is not None and not line.strip():
            continue
        held.append((number, line))
        size += len(line or b"")
        if len(held) >= _BATCH_LINES or size >= _BATCH_BYTES:
            yield drafter.batch(held)
            held, size = [], 0
    if held:
        yield drafter.batch(held)
    if drafter.untold:
        yield Batch([(drafter.rest(), ())])


class _Drafter:
    def __init__(self, settings: Settings, most_chars: int) -> None:
        self._settings = settings
        self._most_chars = most_chars
        self._told = 0
        self.untold = 0
        self._last = 0

    def batch(self, some: Sequence[tuple[int, bytes | None]]) -> Batch:
        """The documents of some lines."""
        skipped: dict[int, DocumentRow] = {}
        records: list[Record] = []
        for number, line in some:
            if line is None:
                skipped[number] = _skipped(number, "too_large", "")
                continue
            try:
                records.append(record_of(line, number).within(self._most_chars))
            except NotARecord as error:
                skipped[number] = _skipped(number, _NOT_A_RECORD, error.detail)
        told = [row for row in skipped.values() if self._tells(row)]
        read = [_drafted(record) for record in redacted_records(records, self._settings)]
        return Batch(sorted([*read, *((row, ()) for row in told)], key=lambda one: one[0].number))

    def rest(self) -> DocumentRow:
        """What stands for the lines that are not told one by one."""
        return _skipped(self._last, _NOT_A_RECORD, f"the last of {self.untold} more that are no documents")

    def _tells(self, row: DocumentRow) -> bool:
        if self._told < _MOST_TOLD:
            self._told += 1
            return True
        self.untold += 1
        self._last = row.number
        return False


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
