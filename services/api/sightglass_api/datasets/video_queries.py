"""All SQL of the videos of datasets. Who changes which these are calls `changing` first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common import video_source_queries
from sightglass_common.db import Db
from sightglass_common.errors import VideoNotFound
from sightglass_common.ids import new_id
from sightglass_common.tracing import Trace

_ADD_ALL: Final = """
    WITH kept AS (DELETE FROM dataset_video WHERE dataset_id = %(dataset_id)s AND NOT held)
    UPDATE dataset SET all_videos = true WHERE dataset_id = %(dataset_id)s
"""
_ADD: Final = """
    INSERT INTO dataset_video (tenant_id, dataset_id, video_id, held)
    SELECT v.tenant_id, %(dataset_id)s, v.video_id, true FROM video v WHERE v.video_id = ANY(%(video_ids)s)
    ORDER BY v.video_id
    ON CONFLICT (tenant_id, dataset_id, video_id) DO UPDATE SET held = true
"""
# Where all are held, it is one that is left out from now on.
_LEAVE_OUT: Final = """
    INSERT INTO dataset_video (tenant_id, dataset_id, video_id, held)
    SELECT v.tenant_id, d.dataset_id, v.video_id, false
    FROM video v JOIN dataset d ON d.tenant_id = v.tenant_id AND d.dataset_id = %(dataset_id)s
                 LEFT JOIN dataset_video c ON c.tenant_id = v.tenant_id AND c.dataset_id = d.dataset_id
                                          AND c.video_id = v.video_id
    WHERE v.video_id = %(video_id)s AND coalesce(c.held, d.all_videos)
    ON CONFLICT (tenant_id, dataset_id, video_id) DO UPDATE SET held = false
"""
_LEAVE_ALL_OUT: Final = """
    WITH gone AS (DELETE FROM dataset_video WHERE dataset_id = %(dataset_id)s)
    UPDATE dataset SET all_videos = false WHERE dataset_id = %(dataset_id)s
"""
# No search finds it from now on, and its name is free for the next reading.
_HIDE: Final = """
    UPDATE document SET status = 'deleting', served = NULL, ref = NULL, title = '', metadata = '{}', detail = ''
    WHERE dataset_id = %(dataset_id)s AND video_id IS NOT NULL AND status <> 'deleting'
      AND (%(video_id)s::uuid IS NULL OR video_id = %(video_id)s)
"""
_SOURCE: Final = "SELECT source_id FROM source WHERE dataset_id = %(dataset_id)s AND of_videos"
_VIDEO_OF: Final = """
    SELECT video_id FROM document
    WHERE dataset_id = %(dataset_id)s AND document_id = %(document_id)s AND status <> 'deleting'
"""
_NEW_SOURCE: Final = """
    INSERT INTO source (tenant_id, source_id, dataset_id, job_id, bucket, object_key, version_id, etag, size_bytes,
                        filename, content_type, of_videos)
    VALUES (%(tenant_id)s, %(source_id)s, %(dataset_id)s, %(job_id)s, '', '', '', '', 0, '', '', true)
"""
_HELD: Final = """
    SELECT v.video_id, v.filename, coalesce(o.status, 'waiting') AS status, o.reason, o.document_id, o.analysis_id,
           coalesce(o.segments, 0) AS segments
    FROM dataset d JOIN video v ON v.tenant_id = d.tenant_id
                   LEFT JOIN dataset_video c ON c.tenant_id = d.tenant_id AND c.dataset_id = d.dataset_id
                                            AND c.video_id = v.video_id
                   LEFT JOIN document o ON o.tenant_id = d.tenant_id AND o.dataset_id = d.dataset_id
                                       AND o.video_id = v.video_id AND o.status <> 'deleting'
    WHERE d.dataset_id = %(dataset_id)s AND coalesce(c.held, d.all_videos)
      AND (%(before)s::uuid IS NULL OR v.video_id < %(before)s)
    ORDER BY v.video_id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class VideoRow:
    """A video that a dataset holds, and the document that it is there."""

    video_id: UUID
    filename: str
    status: str
    reason: str | None
    document_id: UUID | None
    analysis_id: UUID | None
    segments: int


async def add_all(db: Db, dataset_id: UUID) -> None:
    """Have a dataset hold all of the tenant's videos, also those to come."""
    await db.execute(_ADD_ALL, {"dataset_id": dataset_id})


async def add(db: Db, dataset_id: UUID, video_ids: Sequence[UUID]) -> None:
    """Have a dataset hold videos. Raises VideoNotFound when there is no such one of them."""
    wanted = set(video_ids)
    if (await db.execute(_ADD, {"dataset_id": dataset_id, "video_ids": list(wanted)})).rowcount < len(wanted):
        raise VideoNotFound


async def leave_out(db: Db, dataset_id: UUID, video_id: UUID) -> None:
    """Take a video out of a dataset: from now on nothing of it is found there.

    Raises VideoNotFound when the dataset does not hold it.
    """
    values = {"dataset_id": dataset_id, "video_id": video_id}
    if (await db.execute(_LEAVE_OUT, values)).rowcount == 0:
        raise VideoNotFound
    await db.execute(_HIDE, values)


async def leave_all_out(db: Db, dataset_id: UUID) -> None:
    """Take all videos out of a dataset, and those to come."""
    await db.execute(_LEAVE_ALL_OUT, {"dataset_id": dataset_id})
    await db.execute(_HIDE, {"dataset_id": dataset_id, "video_id": None})


async def video_of(db: Db, dataset_id: UUID, document_id: UUID) -> UUID | None:
    """The video that a document of a dataset is; None for any other document."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        values = {"dataset_id": dataset_id, "document_id": document_id}
        video_id: UUID | None = await (await cursor.execute(_VIDEO_OF, values)).fetchone()
    return video_id


async def source_of(db: Db, dataset_id: UUID) -> UUID | None:
    """The source that a dataset's videos are; None when it never had any."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        source_id: UUID | None = await (await cursor.execute(_SOURCE, {"dataset_id": dataset_id})).fetchone()
    return source_id


async def have_read(db: Db, tenant_id: UUID, dataset_id: UUID, *, trace: Trace) -> tuple[UUID, UUID]:
    """Have what has changed of a dataset's videos read and indexed; the ids of their source and of the job."""
    known = await source_of(db, dataset_id)
    source_id = known or new_id()
    job_id = await video_source_queries.have_read(db, tenant_id, source_id, source="api", trace=trace)
    if known is None:
        values = {"tenant_id": tenant_id, "source_id": source_id, "dataset_id": dataset_id, "job_id": job_id}
        await db.execute(_NEW_SOURCE, values)
    return source_id, job_id


async def videos(db: Db, dataset_id: UUID, *, before: UUID | None, limit: int) -> list[VideoRow]:
    """Some of the videos that a dataset holds, the newest first."""
    async with db.cursor(row_factory=class_row(VideoRow)) as cursor:
        found = await cursor.execute(_HELD, {"dataset_id": dataset_id, "before": before, "limit": limit})
        return await found.fetchall()
