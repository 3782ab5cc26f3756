"""Sensitive data in the texts of a video: pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sightglass_detect import Settings, scan
from sightglass_scanner.detecting import MOST_FINDINGS
from sightglass_scanner.masking import shown, storable
from sightglass_scanner.results import FindingRow
from sightglass_scanner.screen.lines import Box, Line, ScreenText, Span, around, lines_of, separator
from sightglass_scanner.sealing import Place, finding_id, value_hash

# The place that a finding's id is made of: a value that a video shows is one finding, however often it is seen, and
# whatever analysis has seen it.
_ON_SCREEN: Final = {"kind": "screen"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding, and where in the video it is seen: in order of time, at least once."""

    row: FindingRow
    spans: Sequence[Span]


def found_on_screen(
    texts: Sequence[ScreenText], *, place: Place, video_id: UUID, key: bytes, settings: Settings
) -> list[Seen]:
    """What is sensitive in the texts of a video. key: of the tenant's hashes. At most MOST_FINDINGS."""
    seen = found_in_texts(texts, on=_ON_SCREEN, place=place, key=key, settings=settings)
    return [replace(one, row=replace(one.row, locator=_locator(video_id, one.spans))) for one in seen]


def found_in_texts(
    texts: Sequence[ScreenText], *, on: Mapping[str, Any], place: Place, key: bytes, settings: Settings
) -> list[Seen]:
    """What is sensitive in texts that are seen. on: the place that findings' ids are made of."""
    found: dict[UUID, Seen] = {}
    for line in lines_of(texts):
        for row, spans in _in_line(line, on, place, key, settings):
            known = found.get(row.finding_id)
            if known is not None:
                row = row if row.confidence > known.row.confidence else known.row  # noqa: PLW2901
                spans = sorted({*known.spans, *spans}, key=lambda span: (span.start_us, span.box))  # noqa: PLW2901
            found[row.finding_id] = Seen(row, spans)
            if len(found) >= MOST_FINDINGS:
                break
    return list(found.values())


def span_json(span: Span) -> dict[str, Any]:
    """A span as it is stored."""
    return {"start_us": span.start_us, "end_us": span.end_us, "box": [round(part, 6) for part in span.box]}


def _in_line(
    line: Line, on: Mapping[str, Any], place: Place, key: bytes, settings: Settings
) -> Iterator[tuple[FindingRow, list[Span]]]:
    text, starts = _joined(line.texts)
    for finding in scan(text, settings=settings, labels=[line.above] if line.above else ()):
        value = text[finding.start : finding.end]
        hashed = value_hash(key, value.encode())
        row = FindingRow(
            finding_id(place, finding.detector, on, hashed),
            place.bucket,
            place.key,
            place.version,
            finding.detector,
            str(finding.severity),
            finding.confidence,
            on,
            shown(value, finding.detector),
            hashed,
            storable(finding.detail),
        )
        parts = [
            (part, max(0, finding.start - start), min(len(part.clear), finding.end - start))
            for part, start in zip(line.texts, starts, strict=True)
            if start < finding.end and finding.start < start + len(part.clear)
        ]
        yield row, _spans(parts)


def _joined(texts: Sequence[ScreenText]) -> tuple[str, list[int]]:
    """The text of a line, and where in it each text begins."""
    line, starts = "", list[int]()
    for i, text in enumerate(texts):
        line += separator(texts[i - 1], text) if i else ""
        starts.append(len(line))
        line += text.clear
    return line, starts


def _spans(parts: Sequence[tuple[ScreenText, int, int]]) -> list[Span]:
    """Where the characters from `start` to `end` of each part stand, whenever the first of them is seen."""
    (first, start, end), *others = parts
    spans: list[Span] = []
    for span in first.spans:
        boxes = [_share(span.box, start, end, len(first.clear))]
        for part, begin, stop in others:
            boxes += [
                _share(other.box, begin, stop, len(part.clear))
                for other in part.spans
                if other.start_us < span.end_us and span.start_us < other.end_us
            ][:1]
        spans.append(Span(span.start_us, span.end_us, around(boxes)))
    return spans


def _share(box: Box, start: int, end: int, length: int) -> Box:
    """The part of a text's box that some of its characters take, as if all were of one width."""
    x, y, width, height = box
    return x + width * start / length, y, width * (end - start) / length, height


def _locator(video_id: UUID, spans: Sequence[Span]) -> dict[str, Any]:
    first = span_json(spans[0])
    return {**_ON_SCREEN, "video_id": str(video_id), **first, "times": len(spans)}
