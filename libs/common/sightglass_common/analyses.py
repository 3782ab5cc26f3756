"""Analyses of videos, as whoever wants one begins it: video, job, analysis and message in one transaction.

Every function runs in the caller's tenant transaction.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common import jobs
from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_common.messages import AnalyzeVideo, Tier, wrap
from sightglass_common.queues import VIDEO_ANALYSES
from sightglass_common.tracing import Trace

_KIND: Final = "analysis"

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
    INSERT INTO analysis (tenant_id, analysis_id, video_id, job_id, tier, for_scans)
    VALUES (%(tenant_id)s, %(analysis_id)s, %(video_id)s, %(job_id)s, %(tier)s, %(for_scans)s)
"""
# Whoever looks for an analysis of a video holds off others who would: of many at once, one begins one.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%(video_id)s::text || %(tier)s, 0))"
# Held, so that nobody cancels it as unwanted before it is noted who wants it.
_UNFINISHED: Final = """
    SELECT a.video_id, a.analysis_id, a.job_id
    FROM analysis a JOIN job j ON j.tenant_id = a.tenant_id AND j.job_id = a.job_id
    WHERE a.video_id = %(video_id)s AND a.tier = %(tier)s
      AND j.status IN ('queued', 'running') AND j.cancel_requested_at IS NULL
    ORDER BY a.analysis_id DESC LIMIT 1 FOR SHARE OF j
"""
_WANTED: Final = "UPDATE analysis SET for_scans = false WHERE analysis_id = %(analysis_id)s AND for_scans"


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


@dataclass(frozen=True, slots=True)
class Begun:
    """An analysis that is on its way."""

    video_id: UUID
    analysis_id: UUID
    job_id: UUID


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


async def begin(
    db: Db, tenant_id: UUID, video_id: UUID, *, source: str, trace: Trace, tier: Tier = "exact", for_scans: bool = False
) -> Begun:
    """Begin an analysis of a video when this commits. for_scans: see 0017_handed."""
    begun = Begun(video_id, new_id(), new_id())
    message = AnalyzeVideo(tenant_id=tenant_id, job_id=begun.job_id, analysis_id=begun.analysis_id, tier=tier)
    await jobs.enqueue(db, VIDEO_ANALYSES, wrap(message, source=source, trace=trace), kind=_KIND, job_id=begun.job_id)
    values = {
        "tenant_id": tenant_id,
        "analysis_id": begun.analysis_id,
        "video_id": video_id,
        "job_id": begun.job_id,
        "tier": tier,
        "for_scans": for_scans,
    }
    await db.execute(_INSERT_ANALYSIS, values)
    return begun


async def one_at_a_time(db: Db, video_id: UUID, tier: Tier) -> None:
    """Hold off others who would begin the same until the transaction ends."""
    await db.execute(_ONE_AT_A_TIME, {"video_id": video_id, "tier": tier})


async def unfinished(db: Db, video_id: UUID, tier: Tier) -> Begun | None:
    """The newest analysis of a video in a tier that is queued or running, and is not about to be cancelled.

    Holds off other calls for the same until the transaction ends.
    """
    await one_at_a_time(db, video_id, tier)
    async with db.cursor(row_factory=class_row(Begun)) as cursor:
        return await (await cursor.execute(_UNFINISHED, {"video_id": video_id, "tier": tier})).fetchone()


async def wanted(db: Db, analysis_id: UUID) -> None:
    """Note that somebody wants an analysis who is no scan: it goes on without scans."""
    await db.execute(_WANTED, {"analysis_id": analysis_id})
