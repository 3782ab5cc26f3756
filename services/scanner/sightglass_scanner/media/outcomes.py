"""What a film comes to for a scan that has handed it on: pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from sightglass_scanner.detecting import MOST_FINDINGS
from sightglass_scanner.media.queries import AnalysisRow
from sightglass_scanner.queries import Part
from sightglass_scanner.results import FindingRow, ObjectNote, ObjectResult
from sightglass_scanner.selection import Listed

# No engine has looked for text: another look may.
_NOT_READ: Final = "text_not_read"


def result_of(part: Part, listed: Listed, analysis: AnalysisRow | None, found: Sequence[FindingRow]) -> ObjectResult:
    """What an object comes to. analysis: None for one that is gone. found: in its texts, with the scan's settings."""
    handed = part.handed or {}
    version = str(handed.get("version", ""))
    before = [ObjectNote(listed.key, version, "partly", *note) for note in handed.get("notes", ())]
    reason, detail, failed = _unread(analysis)
    if reason and not handed.get("read"):
        outcome = "failed" if failed else "skipped"
        return ObjectResult(outcome, listed.size_bytes, (), [ObjectNote(listed.key, version, outcome, reason, detail)])
    gaps = [(reason, detail)] if reason else list(_gaps(analysis, found))
    notes = [ObjectNote(listed.key, version, "partly", *gap) for gap in gaps]
    return ObjectResult("done", listed.size_bytes, found, [*before, *notes])


def is_final(analysis: AnalysisRow | None, result: ObjectResult) -> bool:
    """Whether another look at the same state of the object would come to the same."""
    if analysis is None or analysis.status == "cancelled" or result.outcome == "failed":
        return False
    return not any(note.reason == _NOT_READ for note in result.notes)


def _unread(analysis: AnalysisRow | None) -> tuple[str, str, bool]:
    """Why a film was not read, if it was not; whether that is a failure, which another try may not meet."""
    if analysis is None:
        return "analysis_not_found", "", True
    if analysis.status == "failed":
        return analysis.error_code or "internal", analysis.error_detail or "", analysis.error_retryable is not False
    if analysis.status == "cancelled":
        return "cancelled", "Its analysis was cancelled.", False
    return ("", "", False) if analysis.text_coverage is not None else (_NOT_READ, "", False)


def _gaps(analysis: AnalysisRow | None, found: Sequence[FindingRow]) -> Iterator[tuple[str, str]]:
    """What of a film was not read."""
    if analysis is not None and analysis.partial:
        yield analysis.partial_reason or "damaged", ""
    coverage = (analysis.text_coverage if analysis else None) or {}
    unread = coverage.get("capped", 0) + coverage.get("failed", 0)
    if unread:
        yield "screen_not_read", f"{unread} of {coverage.get('looks', unread)} changes of the screen"
    if len(found) >= MOST_FINDINGS:
        yield "too_many_findings", ""
