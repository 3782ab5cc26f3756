"""Objects, read and looked through: runs in a thread."""

import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sightglass_common.errors import ObjectChanged, SightglassError
from sightglass_detect import Settings
from sightglass_scanner.masking import storable
from sightglass_scanner.objects import S3Object, Stopped
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.reader import read
from sightglass_scanner.readers.reading import Ended, Handed, Skipped, Text
from sightglass_scanner.results import Media, ObjectNote, ObjectResult
from sightglass_scanner.together import detector_of, read_together, runs_of

_TOO_MANY: Final = "too_many_findings"
_LIMITS: Final = Limits()
# What ends the reading of a batch, as it says something of more than the object.
_JUDGED: Final = (SightglassError, MemoryError, OSError, Stopped)


def read_objects(
    sources: Sequence[S3Object], tenant_id: UUID, key: bytes, settings: Settings, *, until: float, most_findings: int
) -> list[ObjectResult | Exception]:
    """What `read_object` gives or raises for one after the other.

    Ends early at what the scanner is to judge before it goes on (any error but a fault in a reader, or that the object
    was replaced), at a moment of `time.monotonic`, and when so much is found.
    """
    results: list[ObjectResult | Exception] = []
    findings = 0
    for run in runs_of(sources):
        for source, known in zip(run, read_together(run, tenant_id, key, settings), strict=True):
            result = known or _result(source, tenant_id, key, settings)
            results.append(result)
            if isinstance(result, ObjectResult):
                findings += len(result.findings)
            elif isinstance(result, _JUDGED) and not isinstance(result, ObjectChanged):
                return results
        if findings >= most_findings or time.monotonic() >= until:
            break
    return results


def _result(source: S3Object, tenant_id: UUID, key: bytes, settings: Settings) -> ObjectResult | Exception:
    try:
        return read_object(source, tenant_id, key, settings)
    except Exception as error:  # noqa: BLE001  # a fault in a reader is the same at each attempt
        return error


def read_object(source: S3Object, tenant_id: UUID, key: bytes, settings: Settings) -> ObjectResult:
    """What is found in an object, and what of it could not be read. key: of the tenant's hashes.

    Raises what the source raises.
    """
    ref = source.ref
    detector = detector_of(source, tenant_id, key, settings)
    unread: dict[str, str] = {}
    any_text, media = False, None
    for piece in read(source, _LIMITS, name=ref.key):
        if source.stopped:
            raise Stopped
        match piece:
            case Text():
                any_text = any_text or bool(piece.data)
                detector.take(piece)
            case Skipped():
                unread.setdefault(str(piece.reason), _detail(piece))
            case Ended():
                detector.end()
            case Handed():
                unread.setdefault(str(piece.kind), storable(piece.member or ""))
                if piece.member is None:
                    media = Media(str(piece.kind), ref.version_id, ref.etag)
        if detector.full:
            unread[_TOO_MANY] = ""
            detector.end()
            break
    outcome = "partly" if any_text else "skipped"
    notes = [ObjectNote(ref.key, source.version, outcome, reason, detail) for reason, detail in unread.items()]
    return ObjectResult(
        "skipped" if notes and not any_text else "done",
        ref.size_bytes,
        detector.finish(),
        notes if any_text else notes[:1],
        media,
    )


def _detail(skipped: Skipped) -> str:
    """Where, and what about it."""
    member = skipped.place.member if skipped.place else None
    return storable(": ".join(filter(None, (member, skipped.detail))))
