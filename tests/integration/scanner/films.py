"""Films of a yard, as a worker has analysed them, and a dataset that holds them."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests.integration.scanner.shelf import Shelf, a_shelf
from tests.integration.scanner.yard import Yard

from sightglass_api.datasets import video_queries
from sightglass_common.db import tenant_transaction
from sightglass_common.ids import new_id
from sightglass_common.messages import Envelope, ScanSource, from_json
from sightglass_common.tracing import Trace
from sightglass_common.video_source_queries import changing

SECOND = 1_000_000
_VIDEO = """
    INSERT INTO video (tenant_id, video_id, bucket, object_key, etag, size_bytes, filename, content_type)
    VALUES (%s, %s, %s, %s, '"e1"', 1, %s, 'video/mp4')
"""
_JOB = "INSERT INTO job (tenant_id, job_id, kind, queue, message, status) VALUES (%s, %s, 'analysis', 'q', '{}', %s)"
_ANALYSIS = "INSERT INTO analysis (tenant_id, analysis_id, video_id, job_id, tier) VALUES (%s, %s, %s, %s, %s)"
_SCENE = """
    INSERT INTO scene (tenant_id, analysis_id, number, start_us, end_us, first_frame, last_frame, boundary_kind,
                       boundary_score, motion_kind, motion_mean, motion_p95)
    VALUES (%s, %s, %s, %s, %s, 0, 1, 'cut', 1, 'still', 0, 0)
"""
_TEXT = "INSERT INTO screen_text VALUES (%s, %s, %s, %s, %s, %s, '', 1, %s)"
_LABEL = "INSERT INTO scene_label VALUES (%s, %s, 0, 0, 0, %s, 0.9, NULL)"


async def a_video(yard: Yard, filename: str = "clip.mp4") -> UUID:
    """A video that nobody has analysed yet."""
    video_id = new_id()
    async with yard.admin.connection() as db:
        await db.execute(_VIDEO, [yard.tenant_id, video_id, yard.bucket, str(video_id), filename])
    return video_id


async def an_analysis(
    yard: Yard, video_id: UUID, *scenes: Sequence[str], tier: str = "exact", status: str = "done", label: str = ""
) -> UUID:
    """An analysis with scenes of five seconds, each showing lines one under the other."""
    job_id, analysis_id = new_id(), new_id()
    async with yard.admin.connection() as db, db.transaction():
        await db.execute(_JOB, [yard.tenant_id, job_id, status])
        await db.execute(_ANALYSIS, [yard.tenant_id, analysis_id, video_id, job_id, tier])
        ids, count = [yard.tenant_id, analysis_id], 0
        for number, lines in enumerate(scenes):
            start, end = 5 * number * SECOND, 5 * (number + 1) * SECOND
            await db.execute(_SCENE, [*ids, number, start, end])
            for place, line in enumerate(lines):
                span = {"start_us": start, "end_us": end, "box": [0.1, 0.1 + 0.2 * place, 0.5, 0.04]}
                await db.execute(_TEXT, [*ids, count, start, end, line, json.dumps([span])])
                count += 1
        if label:
            await db.execute(_LABEL, [*ids, label])
    return analysis_id


async def a_cinema(yard: Yard, videos: Sequence[UUID] | None = None, name: str = "films") -> tuple[Shelf, UUID]:
    """A dataset with these videos, or with all; and the source that they are."""
    shelf = await a_shelf(yard, name)
    async with tenant_transaction(yard.api, yard.tenant_id) as db:
        await changing(db)
        if videos is None:
            await video_queries.add_all(db, shelf.dataset_id)
        else:
            await video_queries.add(db, shelf.dataset_id, videos)
        source_id, _ = await video_queries.have_read(db, yard.tenant_id, shelf.dataset_id, trace=Trace.new())
    return shelf, source_id


async def take_out(shelf: Shelf, video_id: UUID) -> None:
    """Take a video out of a dataset as the API does."""
    yard = shelf.yard
    async with tenant_transaction(yard.api, yard.tenant_id) as db:
        await changing(db)
        await video_queries.leave_out(db, shelf.dataset_id, video_id)


async def asked(yard: Yard) -> list[Envelope[ScanSource]]:
    """The sources that wait to be read; their messages are taken out."""
    rows = await yard.rows(
        "DELETE FROM outbox WHERE tenant_id = %s AND queue = 'sources-to-scan' RETURNING body", yard.tenant_id
    )
    return [from_json(row["body"], ScanSource) for row in rows]


async def read(shelf: Shelf) -> list[dict[str, Any]]:
    """Have all that waits read; the documents then."""
    for envelope in await asked(shelf.yard):
        await shelf.deliver(envelope)
    return await shelf.documents()
