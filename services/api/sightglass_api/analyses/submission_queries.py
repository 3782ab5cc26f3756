"""All SQL that begins analyses."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_api.analyses.schemas import Submitted
from sightglass_common.db import Db
from sightglass_common.messages import Tier

_INSERT_VIDEO: Final = """
    INSERT INTO video (tenant_id, video_id, bucket, object_key, version_id, etag, size_bytes, filename, content_type)
    VALUES (%(tenant_id)s, %(video_id)s, %(bucket)s, %(object_key)s, %(version_id)s, %(etag)s, %(size_bytes)s,
            %(filename)s, %(content_type)s)
    ON CONFLICT (tenant_id, bucket, object_key, version_id, etag) DO NOTHING RETURNING video_id
"""
_SAME_VIDEO: Final = """
    SELECT video_id FROM video
    WHERE bucket = %(bucket)s AND object_key = %(object_key)s AND version_id = %(version_id)s AND etag = %(etag)s
"""
_INSERT_ANALYSIS: Final = """
    INSERT INTO analysis (tenant_id, analysis_id, video_id, job_id, tier)
    VALUES (%(tenant_id)s, %(analysis_id)s, %(video_id)s, %(job_id)s, %(tier)s)
"""
# Whoever looks for an unfinished analysis of a video holds off others who would: of many at once, one begins one.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%(video_id)s::text || %(tier)s, 0))"
_UNFINISHED: Final = """
    SELECT a.video_id, a.analysis_id, a.job_id
    FROM analysis a JOIN job j ON j.tenant_id = a.tenant_id AND j.job_id = a.job_id
    WHERE a.video_id = %(video_id)s AND a.tier = %(tier)s
      AND j.status IN ('queued', 'running') AND j.cancel_requested_at IS NULL
    ORDER BY a.analysis_id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class NewVideo:
    """An object in the state in which it was looked at. `version_id` is "" in a bucket without versions."""

    tenant_id: UUID
    video_id: UUID
    bucket: str
    object_key: str
    version_id: str
    etag: str
    size_bytes: int
    filename: str
    content_type: str


async def same_or_new_video(db: Db, video: NewVideo) -> UUID:
    """The id of the video that is this object in this state; added when there is none yet."""
    values = {name: getattr(video, name) for name in NewVideo.__slots__}
    async with db.cursor(row_factory=scalar_row) as cursor:
        added: UUID | None = await (await cursor.execute(_INSERT_VIDEO, values)).fetchone()
        if added is not None:
            return added
        # Committed by another in the meantime, or long there: this statement sees it.
        same: UUID | None = await (await cursor.execute(_SAME_VIDEO, values)).fetchone()
    if same is None:
        raise RuntimeError("A video that is there cannot be seen: videos are never deleted.")
    return same


async def insert_analysis(
    db: Db, *, tenant_id: UUID, analysis_id: UUID, video_id: UUID, job_id: UUID, tier: Tier
) -> None:
    """Add an analysis; its job must be there."""
    values = {
        "tenant_id": tenant_id,
        "analysis_id": analysis_id,
        "video_id": video_id,
        "job_id": job_id,
        "tier": tier,
    }
    await db.execute(_INSERT_ANALYSIS, values)


async def unfinished(db: Db, video_id: UUID, tier: Tier) -> Submitted | None:
    """The newest analysis of a video in a tier that is queued or running, and is not about to be cancelled.

    Holds off other calls for the same until the transaction ends.
    """
    values = {"video_id": video_id, "tier": tier}
    await db.execute(_ONE_AT_A_TIME, values)
    async with db.cursor(row_factory=class_row(Submitted)) as cursor:
        return await (await cursor.execute(_UNFINISHED, values)).fetchone()
