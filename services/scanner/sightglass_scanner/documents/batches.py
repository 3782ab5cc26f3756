"""Records, redacted some hundred at a time: each a document by itself, whatever stands beside it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sightglass_detect import Redacted, Settings
from sightglass_detect.engine.words import BARRIER
from sightglass_scanner.documents.cutting import parts
from sightglass_scanner.documents.records import Json, Record, told
from sightglass_scanner.documents.redacting import Redaction
from sightglass_scanner.documents.seeking import add_each, add_long
from sightglass_scanner.documents.stretches import Stretch
from sightglass_scanner.documents.values import FlaggedValues
from sightglass_scanner.documents.whole import Passage
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Text

# What is longer is looked through by windows: all views of it at once would be many times as much.
_SHORT_BYTES: Final = 64 * 1024
_SEPARATOR: Final = BARRIER + b"\n"


@dataclass(frozen=True, slots=True)
class RedactedRecord:
    """A record as it may be kept. reason: why it is not, in place of its passages. ref: None when it is sensitive."""

    line: int
    ref: str | None
    title: Redacted
    metadata: Mapping[str, Json]
    passages: Sequence[Passage]
    redactions: int
    reason: str | None = None


def redacted_records(records: Sequence[Record], settings: Settings) -> Iterator[RedactedRecord]:
    """The records in their order, redacted."""
    redactions = [Redaction(settings) for _ in records]
    short: list[tuple[bytes, FlaggedValues]] = []
    for record, redaction in zip(records, redactions, strict=True):
        data = _told(record)
        if len(data) <= _SHORT_BYTES:
            short.append((data, redaction.values))
        else:
            add_long(data, settings, redaction.values)
    add_each(short, settings)
    ids = [Redaction(settings) for _ in records]
    add_each([(record.ref.encode(), one.values) for record, one in zip(records, ids, strict=True)], settings)
    for record, redaction, of_id in zip(records, redactions, ids, strict=True):
        data = record.ref.encode()
        sensitive = len(of_id.values) or redaction.values.places(data)
        yield _sensitive(record) if sensitive else _redacted(record, redaction)


def _told(record: Record) -> bytes:
    """All that a record says, so that no word of one part is context in another."""
    # The text first: a look at its beginning tells how it is written.
    said = (record.text, record.title, *told(record.metadata))
    return _SEPARATOR.join(text.encode() for text in said if text)


def _sensitive(record: Record) -> RedactedRecord:
    return RedactedRecord(record.line, None, Redaction(Settings()).text(""), {}, (), 0, "sensitive_id")


def _redacted(record: Record, redaction: Redaction) -> RedactedRecord:
    title = redaction.text(record.title)
    metadata = dict(_pairs(record.metadata, redaction))
    passages = list(_passages(record, redaction))
    reason = None if passages else "too_large" if record.too_large else "empty"
    return RedactedRecord(record.line, record.ref, title, metadata, passages, redaction.replaced, reason)


def _passages(record: Record, redaction: Redaction) -> Iterator[Passage]:
    place = Locator(PlaceKind.TEXT, line=record.line, path="$.text")
    stretch = Stretch()
    stretch.take(Text(record.text.encode(), _at(place)))
    stretch.end()
    for raw in stretch.passages(redaction.values):
        for text in parts(redaction.bytes(raw.data, raw.spans)):
            yield Passage(text, raw.place)


def _at(place: Locator) -> Callable[[int, int], Locator]:
    return lambda _start, _end: place


def _pairs(metadata: Mapping[str, Json], redaction: Redaction) -> Iterator[tuple[str, Json]]:
    for key, value in metadata.items():
        yield str(redaction.text(key)), _value(value, redaction)


def _value(value: Json, redaction: Redaction) -> Json:
    """A number that is a value becomes its token, too."""
    if isinstance(value, dict):
        return dict(_pairs(value, redaction))
    if isinstance(value, list):
        return [_value(one, redaction) for one in value]
    if isinstance(value, str):
        return str(redaction.text(value))
    if value is None or isinstance(value, bool):
        return value
    written = str(redaction.text(str(value)))
    return value if written == str(value) else written
