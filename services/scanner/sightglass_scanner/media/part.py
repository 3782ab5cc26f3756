"""A part whose object others have looked at: what they have read is looked through as the scan asks for."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sightglass_common import waiting
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import LeaseLost
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_scanner.beginning import detection_of
from sightglass_scanner.looking import Read
from sightglass_scanner.looks import look_of
from sightglass_scanner.media import queries
from sightglass_scanner.media.outcomes import is_final, result_of
from sightglass_scanner.media.queries import AnalysisRow
from sightglass_scanner.parts import objects_of, take
from sightglass_scanner.queries import Part, Scan
from sightglass_scanner.results import FindingRow
from sightglass_scanner.screen import queries as screen_queries
from sightglass_scanner.screen.detecting import found_on_screen
from sightglass_scanner.screen.handler import text_of
from sightglass_scanner.sealing import Place, tenant_key
from sightglass_scanner.settings import ScannerSettings
from sightglass_scanner.storing import store
from sightglass_scanner.ways import way_of


class HandedPart:
    """Does the work of one attempt. It has no effect until the one that it returns is run."""

    def __init__(self, pool: Pool, settings: ScannerSettings) -> None:
        self._pool = pool
        self._secret = settings.finding_key

    async def __call__(self, scan: Scan, part: Part, job: JobContext) -> Effect:
        """The effect that makes an object's result the scan's; that waits once more for a job that is not over."""
        handed = part.handed
        if part.awaits is None or handed is None:
            raise ValueError("A part that is handed on waits for a job.")
        async with tenant_transaction(self._pool, scan.tenant_id) as db:
            analysis = await queries.analysis_of(db, part.awaits)
        if analysis is not None and not analysis.is_over:
            return _waits_again(part.awaits, job)
        (listed,) = objects_of(part)
        key = tenant_key(self._secret.get_secret_value(), scan.tenant_id)
        found = await self._found(scan, analysis, key)
        result = result_of(part, listed, analysis, found)
        read = Read(way_of(detection_of(scan), key, media=scan.media))
        read.add(result)
        read.tally.add("handed", -listed.size_bytes, objects=-1)
        look = look_of(listed.key, handed["etag"], result) if is_final(analysis, result) else None
        if look is not None:
            earlier = [UUID(found) for found in handed["findings"]]
            read.looks.append(replace(look, findings=[*look.findings, *earlier]))

        async def effect(db: Db) -> FinalStatus:
            await take(db, scan.scan_id, part.job_id)
            await store(db, scan, part.job_id, read)
            return "done"

        return effect

    async def _found(self, scan: Scan, analysis: AnalysisRow | None, key: bytes) -> Sequence[FindingRow]:
        if analysis is None or analysis.status not in {"done", "partial"}:
            return ()
        async with tenant_transaction(self._pool, scan.tenant_id) as db:
            video = await screen_queries.video_of(db, analysis.analysis_id)
            texts = [text_of(row) for row in await screen_queries.texts_of(db, analysis.analysis_id)]
        seen = await asyncio.to_thread(
            found_on_screen,
            texts,
            place=Place(scan.tenant_id, video.bucket, video.object_key, video.version),
            video_id=video.video_id,
            key=key,
            settings=detection_of(scan),
        )
        return [one.row for one in seen]


def _waits_again(awaited: UUID, job: JobContext) -> Effect:
    async def effect(db: Db) -> None:
        if not await waiting.wait_again(db, job.claim.job_id, job.claim.attempt):
            raise LeaseLost(job_id=str(job.claim.job_id), attempt=job.claim.attempt)
        # Over by now, its end was told before there was anybody to be told.
        await queries.held(db, [awaited])
        await waiting.wake(db, awaited)

    return effect
