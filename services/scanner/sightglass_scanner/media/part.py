"""A part whose object others have looked at: what they have read is looked through as the scan asks for."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from sightglass_common import jobs, waiting
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import JobNotRetryable, LeaseLost
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_detect import Settings
from sightglass_scanner.beginning import detection_of
from sightglass_scanner.looking import Read
from sightglass_scanner.looks import look_of
from sightglass_scanner.media import queries
from sightglass_scanner.media.images import found_in_image
from sightglass_scanner.media.outcomes import is_final, result_of
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
        is_image = handed["kind"] == "image"
        async with tenant_transaction(self._pool, scan.tenant_id) as db:
            looked = await (queries.image if is_image else queries.film)(db, part.awaits)
        if looked is not None and not looked.is_over:
            return _waits_again(part.awaits, job, retry=False)
        if is_image and looked is not None and looked.status == "cancelled":
            # By another scan, while nobody else waited for it.
            return _waits_again(part.awaits, job, retry=True)
        (listed,) = objects_of(part)
        key, settings = tenant_key(self._secret.get_secret_value(), scan.tenant_id), detection_of(scan)
        read_by_a_machine = replace(settings, ocr=True)
        found: list[FindingRow] = []
        if looked is not None and looked.has_come_to_something:
            place = Place(scan.tenant_id, scan.bucket, listed.key, handed["version"])
            found = await (self._in_image if is_image else self._on_screen)(part.awaits, place, key, read_by_a_machine)
        result = result_of(part, listed, looked, found)
        read = Read(way_of(settings, key, media=scan.media))
        read.add(result)
        read.tally.add("handed", -listed.size_bytes, objects=-1)
        look = look_of(listed.key, handed["etag"], result) if is_final(looked, result) else None
        if look is not None:
            earlier = [UUID(found) for found in handed["findings"]]
            read.looks.append(replace(look, findings=[*look.findings, *earlier]))

        async def effect(db: Db) -> FinalStatus:
            await take(db, scan.scan_id, part.job_id)
            await store(db, scan, part.job_id, read)
            return "done"

        return effect

    async def _on_screen(self, job_id: UUID, place: Place, key: bytes, settings: Settings) -> list[FindingRow]:
        async with tenant_transaction(self._pool, place.tenant_id) as db:
            analysis_id = await queries.analysis_of(db, job_id)
            if analysis_id is None:
                return []
            video = await screen_queries.video_of(db, analysis_id)
            texts = [text_of(row) for row in await screen_queries.texts_of(db, analysis_id)]
        seen = await asyncio.to_thread(
            found_on_screen, texts, place=place, video_id=video.video_id, key=key, settings=settings
        )
        return [one.row for one in seen]

    async def _in_image(self, job_id: UUID, place: Place, key: bytes, settings: Settings) -> list[FindingRow]:
        async with tenant_transaction(self._pool, place.tenant_id) as db:
            lines = await queries.lines_of(db, job_id)
        return await asyncio.to_thread(found_in_image, lines, place=place, key=key, settings=settings)


def _waits_again(awaited: UUID, job: JobContext, *, retry: bool) -> Effect:
    async def effect(db: Db) -> None:
        if retry:
            with suppress(JobNotRetryable):  # another scan has
                await jobs.retry(db, awaited, trace=job.trace)
        if not await waiting.wait_again(db, job.claim.job_id, job.claim.attempt):
            raise LeaseLost(job_id=str(job.claim.job_id), attempt=job.claim.attempt)
        # Over by now, its end was told before there was anybody to be told.
        await queries.held(db, [awaited])
        await waiting.wake(db, awaited)

    return effect
