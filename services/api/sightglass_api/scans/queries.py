"""All SQL of scans for clients. What is under way is written by the scanner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_api.scans.schemas import NewScan
from sightglass_common.db import Db
from sightglass_common.errors import ScanNotFound

_INSERT: Final = """
    INSERT INTO scan (tenant_id, scan_id, job_id, bucket, prefix, include_patterns, exclude_patterns, detectors,
                      min_confidence, max_object_bytes, incremental, sample_share, sample_objects, sample_seed, media,
                      source, inventory_wanted, detection)
    VALUES (%(tenant_id)s, %(scan_id)s, %(job_id)s, %(bucket)s, %(prefix)s, %(include)s, %(exclude)s, %(detectors)s,
            %(min_confidence)s, %(max_object_bytes)s, %(incremental)s, %(sample_share)s, %(sample_objects)s,
            %(sample_seed)s, %(media)s, %(source)s, %(inventory)s,
            jsonb_build_object('own', (
                SELECT coalesce(jsonb_agg(d.definition || jsonb_build_object('id', d.detector_id)
                                          ORDER BY d.detector_id), '[]')
                FROM own_detector d WHERE d.tenant_id = %(tenant_id)s))
            || coalesce((SELECT t.settings FROM detection_setting t WHERE t.tenant_id = %(tenant_id)s), '{}')
            || jsonb_build_object('normalise', %(normalise)s::boolean, 'ocr', %(ocr)s::boolean))
"""
# The counters in the same statement: of the same moment as the status, and without asking once more.
_SELECT: Final = """
    SELECT s.scan_id, s.job_id, s.bucket, s.prefix, s.include_patterns, s.exclude_patterns, s.detectors,
           s.min_confidence, s.max_object_bytes, s.incremental, s.sample_share, s.sample_objects, s.sample_seed,
           s.media, coalesce((s.detection->>'normalise')::boolean, false) AS normalise,
           coalesce((s.detection->>'ocr')::boolean, false) AS ocr,
           s.source, s.inventory_manifest, s.inventory_at, s.created_at, j.status, j.started_at, j.finished_at,
           j.error_code, j.error_detail, j.error_stage, j.error_retryable,
           j.cancel_requested_at IS NOT NULL AS cancel_requested,
           NOT s.begun OR EXISTS (SELECT FROM scan_part p WHERE p.tenant_id = s.tenant_id AND p.scan_id = s.scan_id
                                  AND p.kind = 'page') AS listing,
           extract(epoch FROM coalesce(j.finished_at, now()) - j.started_at)::float8 AS seconds,
           (SELECT coalesce(json_agg(json_build_array(c.name, c.objects, c.bytes)), '[]')
            FROM (SELECT name, sum(objects)::bigint AS objects, sum(bytes)::bigint AS bytes
                  FROM scan_count WHERE scan_id = s.scan_id GROUP BY name) AS c) AS counters
    FROM scan s JOIN job j ON j.tenant_id = s.tenant_id AND j.job_id = s.job_id
"""
_SCAN: Final = _SELECT + " WHERE s.scan_id = %(scan_id)s"
# Ids are made in the order of time (UUIDv7), so they are the order of the list and its cursor too.
_SCANS: Final = (
    _SELECT + " WHERE (%(before)s::uuid IS NULL OR s.scan_id < %(before)s) ORDER BY s.scan_id DESC LIMIT %(limit)s"
)
_OBJECTS: Final = """
    SELECT object_key, version, outcome, reason, detail FROM scan_object
    WHERE scan_id = %(scan_id)s AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
      AND (object_key, version, reason) > (%(key)s, %(version)s, %(reason)s)
    ORDER BY object_key, version, reason LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class ScanRow:
    """A scan with its job.

    seconds: since it began, until it ended; None before. counters: name, objects and bytes of each, in no order.
    """

    scan_id: UUID
    job_id: UUID
    bucket: str
    prefix: str
    include_patterns: Sequence[str]
    exclude_patterns: Sequence[str]
    detectors: Sequence[str] | None
    min_confidence: float
    max_object_bytes: int
    incremental: bool
    sample_share: float | None
    sample_objects: int | None
    sample_seed: int
    normalise: bool
    ocr: bool
    media: bool
    source: str
    inventory_manifest: str | None
    inventory_at: datetime | None
    created_at: datetime
    status: str
    started_at: datetime | None
    finished_at: datetime | None
    error_code: str | None
    error_detail: str | None
    error_stage: str | None
    error_retryable: bool | None
    cancel_requested: bool
    listing: bool
    seconds: float | None
    counters: Sequence[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """An object that was not read as a whole."""

    object_key: str
    version: str
    outcome: str
    reason: str
    detail: str


async def insert_scan(db: Db, tenant_id: UUID, scan_id: UUID, job_id: UUID, new: NewScan) -> None:
    """Add a scan; its job must be there."""
    values: dict[str, Any] = new.model_dump() | {"tenant_id": tenant_id, "scan_id": scan_id, "job_id": job_id}
    values["sample_share"] = new.sample.share if new.sample else None
    values["sample_objects"] = new.sample.objects if new.sample else None
    values["sample_seed"] = new.sample.seed if new.sample else 0
    await db.execute(_INSERT, values)


async def scan(db: Db, scan_id: UUID) -> ScanRow:
    """One scan. Raises ScanNotFound when there is none, or when it is another tenant's."""
    async with db.cursor(row_factory=class_row(ScanRow)) as cursor:
        row = await (await cursor.execute(_SCAN, {"scan_id": scan_id})).fetchone()
    if row is None:
        raise ScanNotFound
    return row


async def scans(db: Db, *, before: UUID | None, limit: int) -> list[ScanRow]:
    """Scans, the newest first; those older than `before` if it is given."""
    async with db.cursor(row_factory=class_row(ScanRow)) as cursor:
        return await (await cursor.execute(_SCANS, {"before": before, "limit": limit})).fetchall()


async def objects(db: Db, scan_id: UUID, *, outcome: str | None, after: Sequence[str], limit: int) -> list[ObjectRow]:
    """Objects of a scan that were not read as a whole, by key. after: key, version and reason of the last one."""
    key, version, reason = after
    values = {"scan_id": scan_id, "outcome": outcome, "key": key, "version": version, "reason": reason, "limit": limit}
    async with db.cursor(row_factory=class_row(ObjectRow)) as cursor:
        return await (await cursor.execute(_OBJECTS, values)).fetchall()
