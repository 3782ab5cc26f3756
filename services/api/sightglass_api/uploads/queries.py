"""All SQL about uploads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.errors import UploadNotFound


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload. The last three ids are set by its completion, all or none."""

    upload_id: UUID
    bucket: str
    object_key: str
    filename: str
    content_type: str
    size_bytes: int
    method: str
    multipart_id: str | None
    part_bytes: int | None
    expires_at: datetime
    video_id: UUID | None = None
    analysis_id: UUID | None = None
    job_id: UUID | None = None


_INSERT: Final = """
    INSERT INTO upload (tenant_id, upload_id, bucket, object_key, filename, content_type, size_bytes,
                        method, multipart_id, part_bytes, expires_at)
    VALUES (%(tenant_id)s, %(upload_id)s, %(bucket)s, %(object_key)s, %(filename)s, %(content_type)s, %(size_bytes)s,
            %(method)s, %(multipart_id)s, %(part_bytes)s, %(expires_at)s)
"""
_UPLOAD: Final = """
    SELECT upload_id, bucket, object_key, filename, content_type, size_bytes, method, multipart_id, part_bytes,
           expires_at, video_id, analysis_id, job_id
    FROM upload WHERE upload_id = %(upload_id)s
"""
_LOCKED: Final = _UPLOAD + " FOR UPDATE"
_COMPLETE: Final = """
    UPDATE upload SET completed_at = now(), video_id = %(video_id)s, analysis_id = %(analysis_id)s, job_id = %(job_id)s
    WHERE upload_id = %(upload_id)s
"""


async def insert(db: Db, tenant_id: UUID, row: UploadRow) -> None:
    """Add an upload."""
    await db.execute(_INSERT, {name: getattr(row, name) for name in UploadRow.__slots__} | {"tenant_id": tenant_id})


async def upload(db: Db, upload_id: UUID, *, lock: bool = False) -> UploadRow:
    """One upload; `lock` holds it until the transaction ends. Raises UploadNotFound, also for another tenant's."""
    async with db.cursor(row_factory=class_row(UploadRow)) as cursor:
        row = await (await cursor.execute(_LOCKED if lock else _UPLOAD, {"upload_id": upload_id})).fetchone()
    if row is None:
        raise UploadNotFound
    return row


async def complete(db: Db, upload_id: UUID, *, video_id: UUID, analysis_id: UUID, job_id: UUID) -> None:
    """Note what the upload became."""
    values = {"upload_id": upload_id, "video_id": video_id, "analysis_id": analysis_id, "job_id": job_id}
    await db.execute(_COMPLETE, values)
