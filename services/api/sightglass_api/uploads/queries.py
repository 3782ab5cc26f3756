"""All SQL about uploads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.errors import UploadNotFound

_COMPLETE_SOURCE: Final = """
    UPDATE upload SET completed_at = now(), source_id = %(source_id)s, job_id = %(job_id)s
    WHERE upload_id = %(upload_id)s
"""


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload. dataset_id: of what it is for; None: a video. The ids behind it are set by its completion."""

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
    dataset_id: UUID | None = None
    source_id: UUID | None = None
    video_id: UUID | None = None
    analysis_id: UUID | None = None
    job_id: UUID | None = None


_INSERT: Final = """
    INSERT INTO upload (tenant_id, upload_id, bucket, object_key, filename, content_type, size_bytes,
                        method, multipart_id, part_bytes, expires_at, dataset_id)
    VALUES (%(tenant_id)s, %(upload_id)s, %(bucket)s, %(object_key)s, %(filename)s, %(content_type)s, %(size_bytes)s,
            %(method)s, %(multipart_id)s, %(part_bytes)s, %(expires_at)s, %(dataset_id)s)
"""
_UPLOAD: Final = """
    SELECT upload_id, bucket, object_key, filename, content_type, size_bytes, method, multipart_id, part_bytes,
           expires_at, dataset_id, source_id, video_id, analysis_id, job_id
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


async def complete_source(db: Db, upload_id: UUID, *, source_id: UUID, job_id: UUID) -> None:
    """Note which source of documents the upload became."""
    await db.execute(_COMPLETE_SOURCE, {"upload_id": upload_id, "source_id": source_id, "job_id": job_id})
