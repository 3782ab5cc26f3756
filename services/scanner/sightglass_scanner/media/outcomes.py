"""What an object comes to for a scan that has handed it on: pure."""

from collections.abc import Sequence
from typing import Final

from sightglass_scanner.detecting import MOST_FINDINGS
from sightglass_scanner.media.looked import Looked
from sightglass_scanner.queries import Part
from sightglass_scanner.results import FindingRow, ObjectNote, ObjectResult
from sightglass_scanner.selection import Listed

# No engine has looked for text: another look may.
_NOT_READ: Final = "text_not_read"


def result_of(part: Part, listed: Listed, looked: Looked | None, found: Sequence[FindingRow]) -> ObjectResult:
    """What an object comes to. looked: None where that is gone. found: in its texts, with the scan's settings.

    What the scanner has read itself, as an image's EXIF, makes it `done`, whatever came of the rest.
    """
    handed = part.handed or {}
    version = str(handed.get("version", ""))
    before = [ObjectNote(listed.key, version, "partly", *note) for note in handed.get("notes", ())]
    reason, detail, failed = _unread(looked)
    if reason and not handed.get("read"):
        outcome = "failed" if failed else "skipped"
        return ObjectResult(outcome, listed.size_bytes, (), [ObjectNote(listed.key, version, outcome, reason, detail)])
    gaps = [(reason, detail)] if reason or looked is None else list(looked.gaps)
    gaps += [("too_many_findings", "")] if len(found) >= MOST_FINDINGS else []
    notes = [ObjectNote(listed.key, version, "partly", *gap) for gap in gaps]
    return ObjectResult("done", listed.size_bytes, found, [*before, *notes])


def is_final(looked: Looked | None, result: ObjectResult) -> bool:
    """Whether another look at the same state of the object would come to the same."""
    if looked is None or looked.status == "cancelled" or result.outcome == "failed":
        return False
    if looked.status == "failed" and looked.error_retryable is not False:
        return False
    return not any(note.reason == _NOT_READ for note in result.notes)


def _unread(looked: Looked | None) -> tuple[str, str, bool]:
    """Why nothing was read, if so; whether that is a failure, which another try may not meet."""
    if looked is None:
        return "result_gone", "", True
    if looked.status == "failed":
        return looked.error_code or "internal", looked.error_detail or "", looked.error_retryable is not False
    if looked.status == "cancelled":
        return "cancelled", "", False
    return ("", "", False) if looked.is_read else (_NOT_READ, "", False)
