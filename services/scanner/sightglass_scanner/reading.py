"""Objects, read and looked through: runs in a thread."""

import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sightglass_common.errors import ObjectChanged, SightglassError
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


def read_objects(
    sources: Sequence[S3Object], tenant_id: UUID, key: bytes, settings: Settings, *, until: float, most_findings: int
) -> list[ObjectResult | Exception]:
    """What `read_object` gives or raises for one after the other.

    Ends early at what the scanner is to judge before it goes on (any error but a fault in a reader, or that the object
    was replaced), at a moment of `time.monotonic`, and when so much is found.
    """
    results: list[ObjectResult | Exception] = []
    findings = 0
    for source in sources:
        try:
            result = read_object(source, tenant_id, key, settings)
        except ObjectChanged as error:
            results.append(error)
            continue
        except (SightglassError, MemoryError, OSError, Stopped) as error:
            return [*results, error]
        except Exception as error:  # noqa: BLE001  # a fault in a reader is the same at each attempt
            results.append(error)
            continue
        results.append(result)
        findings += len(result.findings)
        if findings >= most_findings or time.monotonic() >= until:
            break
    return results


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
