"""All SQL of the pipeline check: it runs in the reserved tenant's transaction."""

from typing import Final
from uuid import UUID

from psycopg.rows import scalar_row

from sightglass_common.db import Db

# Taken by whoever decides whether a new run begins: of many processes at once, one does.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('sightglass-pipeline-check'))"
_RECENT: Final = """
    SELECT job_id FROM job WHERE created_at > now() - make_interval(secs => %(within_s)s)
    ORDER BY job_id DESC LIMIT 1
"""

_OLD: Final = """
    SELECT a.analysis_id FROM analysis a JOIN job j USING (tenant_id, job_id)
    WHERE j.finished_at < now() - interval '1 hour' LIMIT 100
"""
_FORGET: Final = """
    WITH old AS (SELECT job_id, analysis_id FROM analysis WHERE analysis_id = ANY(%(analysis_ids)s)),
    scenes AS (DELETE FROM scene USING old WHERE scene.analysis_id = old.analysis_id),
    texts AS (DELETE FROM screen_text USING old WHERE screen_text.analysis_id = old.analysis_id),
    tracks AS (DELETE FROM track USING old WHERE track.analysis_id = old.analysis_id),
    labels AS (DELETE FROM scene_label USING old WHERE scene_label.analysis_id = old.analysis_id),
    artifacts AS (DELETE FROM artifact USING old WHERE artifact.analysis_id = old.analysis_id)
    DELETE FROM analysis USING old WHERE analysis.analysis_id = old.analysis_id RETURNING analysis.job_id
"""
_FORGET_JOBS: Final = "DELETE FROM job WHERE job_id = ANY(%(job_ids)s)"


async def old_runs(db: Db) -> list[UUID]:
    """The analyses of runs that nobody will look at any more."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_OLD)).fetchall()


async def forget(db: Db, analysis_ids: list[UUID]) -> None:
    """Remove the rows of runs."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        job_ids: list[UUID] = await (await cursor.execute(_FORGET, {"analysis_ids": analysis_ids})).fetchall()
    await db.execute(_FORGET_JOBS, {"job_ids": job_ids})


async def recent_run(db: Db, *, within_s: float) -> UUID | None:
    """The job of a run that began so lately, by whichever process; holds off others until the transaction ends."""
    await db.execute(_ONE_AT_A_TIME)
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_RECENT, {"within_s": within_s})).fetchone()
