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


async def recent_run(db: Db, *, within_s: float) -> UUID | None:
    """The job of a run that began so lately, by whichever process; holds off others until the transaction ends."""
    await db.execute(_ONE_AT_A_TIME)
    async with db.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_RECENT, {"within_s": within_s})).fetchone()
