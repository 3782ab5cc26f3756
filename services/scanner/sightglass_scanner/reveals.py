"""RevealFinding: an object is read anew, and the value of one finding handed, sealed, to whoever asks for it.

Nothing of the value is kept or logged here: see docs/adr/0016-values-are-read-anew.md.
"""

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog

from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.errors import (
    BucketNotLinked,
    FindingOutdated,
    ObjectChanged,
    ObjectNotFound,
    RevealTimedOut,
    SightglassError,
)
from sightglass_common.messages import RevealFinding
from sightglass_common.outcomes import Done
from sightglass_common.s3 import ObjectRef, head, read_range
from sightglass_common.sealed import sealed_to
from sightglass_detect import Finding, Settings
from sightglass_scanner import queries, reveal_queries
from sightglass_scanner.beginning import detection_of
from sightglass_scanner.detecting import Detector, Sealer
from sightglass_scanner.objects import BLOCK_BYTES, S3Object, Stopped
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.locator import Locator
from sightglass_scanner.readers.reader import read
from sightglass_scanner.readers.reading import Ended, Text
from sightglass_scanner.results import FindingRow
from sightglass_scanner.reveal_queries import Asked
from sightglass_scanner.sealing import Place, tenant_key
from sightglass_scanner.settings import ScannerSettings

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

# Less than the API waits, so that it hears why.
_WALL_S: Final = 25.0
_LIMITS: Final = Limits()
# What is no version id: S3 makes those longer, and of more letters.
_ETAG: Final = re.compile(r"[0-9a-f]{32}(-[0-9]+)?")


class RevealHandler:
    """A `Handler` for a consumer of finding-reveals."""

    def __init__(self, pool: Pool, s3: "S3Client", settings: ScannerSettings) -> None:
        self._pool = pool
        self._s3 = s3
        self._secret = settings.finding_key

    async def __call__(self, delivery: Delivery[RevealFinding]) -> Done:
        """Answer a question that is still asked. A failure is an answer too: who waits asks again, or not."""
        message = delivery.message
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            asked = await reveal_queries.asked(db, message.reveal_id)
        if asked is None:
            return Done()
        sealed, code = None, None
        try:
            async with asyncio.timeout(_WALL_S):
                value = await self._value(message.tenant_id, asked)
            sealed = sealed_to(asked.public_key, value, message.reveal_id.bytes)
        except SightglassError as error:
            code = error.code
        except TimeoutError:
            code = RevealTimedOut.code
        except Exception as error:  # noqa: BLE001  # of a reader; its words may quote the object
            _log.error("reveal.not_read", error=type(error).__name__)
            code = SightglassError.code
        async with tenant_transaction(self._pool, message.tenant_id) as db:
            await reveal_queries.answer(db, message.reveal_id, sealed, code)
        return Done()

    async def _value(self, tenant_id: UUID, asked: Asked) -> bytes:
        """Raises FindingOutdated, BucketNotLinked, and what reading raises."""
        if asked.scan_id is None:
            raise FindingOutdated("No scan has read it as text: what a picture shows is to be looked at there.")
        async with tenant_transaction(self._pool, tenant_id) as db:
            scan = await queries.scan_of(db, asked.scan_id)
        if not scan.linked:
            raise BucketNotLinked
        ref = await self._as_it_was(asked)
        try:
            first = await read_range(self._s3, ref, 0, min(ref.size_bytes, BLOCK_BYTES))
            place = Place(tenant_id, asked.bucket, asked.object_key, asked.version)
            key, settings = tenant_key(self._secret.get_secret_value(), tenant_id), detection_of(scan)
            catcher = _Catcher(place, key, settings, asked.finding_id)
            found = await _looked_for(S3Object(self._s3, ref, first), catcher, settings)
        except (ObjectChanged, ObjectNotFound) as error:
            raise FindingOutdated from error
        if found is None:
            raise FindingOutdated("It is not found there any more.")
        return found

    async def _as_it_was(self, asked: Asked) -> ObjectRef:
        """The object in the state in which it was scanned, newest or older. Raises FindingOutdated."""
        wanted = [""] if _ETAG.fullmatch(asked.version) else ["", asked.version]
        for version_id in wanted:
            try:
                ref = await head(self._s3, asked.bucket, asked.object_key, version_id)
            except ObjectNotFound:
                continue
            known = "" if ref.version_id == "null" else ref.version_id
            if asked.version == (known or ref.etag.strip('"')) and ref.size_bytes:
                return ObjectRef(ref.bucket, ref.key, known, ref.etag, ref.size_bytes)
        raise FindingOutdated


@dataclass(frozen=True, slots=True)
class _Catcher(Sealer):
    """Seals as the scan did, and keeps the value of the one finding that is wanted."""

    wanted: UUID
    caught: list[bytes] = field(default_factory=list[bytes])

    def sealed(self, finding: Finding, value: bytes, locator: Locator) -> FindingRow:
        row = Sealer.sealed(self, finding, value, locator)
        if row.finding_id == self.wanted:
            self.caught.append(value)
        return row


async def _looked_for(source: S3Object, catcher: _Catcher, settings: Settings) -> bytes | None:
    looking = asyncio.create_task(asyncio.to_thread(_caught, source, catcher, settings))
    try:
        return await asyncio.shield(looking)
    finally:
        source.stop()
        looking.add_done_callback(lambda done: done.cancelled() or done.exception())


def _caught(source: S3Object, catcher: _Catcher, settings: Settings) -> bytes | None:
    """Runs in a thread; ends with the first piece that holds it."""
    detector = Detector(settings, catcher)
    for piece in read(source, _LIMITS, name=source.ref.key):
        if source.stopped:
            raise Stopped
        match piece:
            case Text():
                detector.take(piece)
            case Ended():
                detector.end()  # while the reader can still tell places
            case _:
                pass  # what is not read holds no value that was found
        if catcher.caught or detector.full:
            break
    detector.finish()
    return catcher.caught[0] if catcher.caught else None
