"""One object, read and looked through: runs in a thread."""

from typing import Final
from uuid import UUID

from sightglass_detect import Settings
from sightglass_scanner.detecting import Detector, Sealer
from sightglass_scanner.masking import storable
from sightglass_scanner.objects import S3Object, Stopped
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.reader import read
from sightglass_scanner.readers.reading import Ended, Handed, Skipped, Text
from sightglass_scanner.results import ObjectNote, ObjectResult
from sightglass_scanner.sealing import Place

_TOO_MANY: Final = "too_many_findings"
_LIMITS: Final = Limits()


def read_object(source: S3Object, tenant_id: UUID, key: bytes, settings: Settings) -> ObjectResult:
    """What is found in an object, and what of it could not be read. key: of the tenant's hashes.

    Raises what the source raises.
    """
    ref = source.ref
    detector = Detector(settings, Sealer(Place(tenant_id, ref.bucket, ref.key, source.version), key, settings))
    unread: dict[str, str] = {}
    any_text = False
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
    )


def _detail(skipped: Skipped) -> str:
    """Where, and what about it."""
    member = skipped.place.member if skipped.place else None
    return storable(": ".join(filter(None, (member, skipped.detail))))
