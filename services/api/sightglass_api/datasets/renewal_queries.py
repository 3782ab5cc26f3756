"""All SQL of what is to be done for datasets in the background. Each function but `due` runs inside the tenant."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.redaction_queries import DETECTORS_VERSION, RULES

# Of any tenant, so each with the generation of its own.
_DUE: Final = f"""
    SELECT d.tenant_id, d.dataset_id, d.deleted_at IS NOT NULL AS deleted
    FROM dataset d LEFT JOIN detection_setting t ON t.tenant_id = d.tenant_id
    WHERE CASE WHEN d.deleted_at IS NULL
               THEN d.rules IS DISTINCT FROM '{DETECTORS_VERSION}.' || coalesce(t.generation, 0)
               ELSE d.deleting_job_id IS NULL END
    LIMIT %(limit)s
"""
_NOTE_RULES: Final = f"""
    UPDATE dataset SET rules = {RULES}
    WHERE dataset_id = %(dataset_id)s AND deleted_at IS NULL AND rules IS DISTINCT FROM {RULES}
"""
_NOTE_DELETION: Final = """
    UPDATE dataset SET deleting_job_id = %(job_id)s
    WHERE dataset_id = %(dataset_id)s AND deleted_at IS NOT NULL AND deleting_job_id IS NULL
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A dataset for which something is to be done: to be removed if it is deleted, else to be read anew."""

    tenant_id: UUID
    dataset_id: UUID
    deleted: bool


async def due(db: Db, *, limit: int) -> list[Due]:
    """Some datasets of all tenants, as role sightglass_relay."""
    async with db.cursor(row_factory=class_row(Due)) as cursor:
        return await (await cursor.execute(_DUE, {"limit": limit})).fetchall()


async def note_rules(db: Db, dataset_id: UUID) -> bool:
    """Note that all of a dataset is asked to be read by the rules of today. False: it is already."""
    return (await db.execute(_NOTE_RULES, {"dataset_id": dataset_id})).rowcount == 1


async def note_deletion(db: Db, dataset_id: UUID, job_id: UUID) -> bool:
    """Note which job removes a dataset. False: one does already."""
    return (await db.execute(_NOTE_DELETION, {"dataset_id": dataset_id, "job_id": job_id})).rowcount == 1
