"""All SQL of images. Each function runs in the caller's tenant transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.errors import ObjectNotFound

_SOURCE: Final = """
    SELECT r.bucket, r.object_key, r.version_id, r.etag, r.size_bytes,
           EXISTS (SELECT FROM bucket_link b WHERE b.bucket = r.bucket) AS linked
    FROM image_reading r WHERE r.job_id = %(job_id)s
"""
_STORE: Final = """
    UPDATE image_reading SET lines = %(lines)s::jsonb, left_out = %(left_out)s WHERE job_id = %(job_id)s
"""


@dataclass(frozen=True, slots=True)
class Source:
    """The object that is to be read. linked: whether the tenant may (still) have it looked at."""

    bucket: str
    object_key: str
    version_id: str
    etag: str
    size_bytes: int
    linked: bool


async def source_of(db: Db, job_id: UUID) -> Source:
    """Which object to read. Raises ObjectNotFound."""
    async with db.cursor(row_factory=class_row(Source)) as cursor:
        source = await (await cursor.execute(_SOURCE, {"job_id": job_id})).fetchone()
    if source is None:
        raise ObjectNotFound(job_id=str(job_id))
    return source


async def store(db: Db, job_id: UUID, lines: Sequence[dict[str, Any]], left_out: int) -> None:
    """Write what was read: `{"text", "box"}` each."""
    await db.execute(_STORE, {"job_id": job_id, "lines": json.dumps(lines), "left_out": left_out})
