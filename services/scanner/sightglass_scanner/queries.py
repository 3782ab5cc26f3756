"""All SQL of scans and their parts. Each function runs in the caller's tenant transaction.

Whoever ends a scan, or begins it, locks the row of its job first, `locked`. The effect of a part does not: it takes the
part's own row, which is there once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db
from sightglass_common.errors import ScanNotFound
from sightglass_common.jobs import Status
from sightglass_scanner.spans import Span

# While nothing of a scan moves for so long, its job is looked after as one whose scanner is gone: see beginning.py.
WAIT_S: Final = 300.0

_SCAN: Final = """
    SELECT s.tenant_id, s.scan_id, s.bucket, s.prefix, s.include_patterns, s.exclude_patterns, s.detectors,
           s.min_confidence, s.max_object_bytes, s.detection, s.incremental, s.sample_share,
           s.sample_objects, s.sample_seed, s.media, s.source, s.inventory_wanted, s.begun, j.job_id, j.kind, j.status,
           j.attempt, j.attempts_left,
           j.cancel_requested_at IS NOT NULL AS cancel_requested,
           EXISTS (SELECT FROM bucket_link b WHERE b.bucket = s.bucket) AS linked
    FROM scan s JOIN job j ON j.tenant_id = s.tenant_id AND j.job_id = s.job_id
    WHERE s.scan_id = %(scan_id)s
"""
_LOCKED: Final = _SCAN + " FOR UPDATE OF j"
_BEGIN: Final = "UPDATE scan SET begun = true WHERE scan_id = %(scan_id)s"
_CLEAR: Final = """
    WITH parts AS (DELETE FROM scan_part WHERE scan_id = %(scan_id)s),
         counts AS (DELETE FROM scan_count WHERE scan_id = %(scan_id)s),
         objects AS (DELETE FROM scan_object WHERE scan_id = %(scan_id)s),
         folders AS (DELETE FROM scan_folder WHERE scan_id = %(scan_id)s),
         candidates AS (DELETE FROM scan_candidate WHERE scan_id = %(scan_id)s)
    DELETE FROM scan_finding WHERE scan_id = %(scan_id)s
"""
_FORGET: Final = """
    WITH parts AS (DELETE FROM scan_part WHERE scan_id = %(scan_id)s),
         candidates AS (DELETE FROM scan_candidate WHERE scan_id = %(scan_id)s)
    UPDATE scan SET begun = false WHERE scan_id = %(scan_id)s
"""
_ADD_BATCH: Final = """
    INSERT INTO scan_part (tenant_id, scan_id, job_id, kind, objects)
    VALUES (%(tenant_id)s, %(scan_id)s, %(job_id)s, 'batch', %(objects)s::jsonb)
"""
_ADD_PAGE: Final = """
    INSERT INTO scan_part (tenant_id, scan_id, job_id, kind, token, after_key, upto_key, pages, shares)
    VALUES (%(tenant_id)s, %(scan_id)s, %(job_id)s, 'page', %(token)s, %(after)s, %(upto)s, %(pages)s, %(shares)s)
"""
_ADD_HANDED: Final = """
    INSERT INTO scan_part (tenant_id, scan_id, job_id, kind, objects, awaits, handed)
    VALUES (%(tenant_id)s, %(scan_id)s, %(job_id)s, 'handed', %(objects)s::jsonb, %(awaits)s, %(handed)s::jsonb)
"""
_ADD_PIECE: Final = """
    INSERT INTO scan_part (tenant_id, scan_id, job_id, kind, piece)
    VALUES (%(tenant_id)s, %(scan_id)s, %(job_id)s, 'page', %(piece)s::jsonb)
"""
_NOTE_INVENTORY: Final = """
    UPDATE scan SET inventory_manifest = %(manifest)s, inventory_at = %(at)s WHERE scan_id = %(scan_id)s
"""
_IS_LINKED: Final = "SELECT EXISTS (SELECT FROM bucket_link WHERE bucket = %(bucket)s)"
_PART: Final = """
    SELECT p.job_id, p.kind, p.token, p.after_key, p.upto_key, p.pages, p.shares, p.piece, p.objects,
           p.awaits, p.handed,
           j.status, j.error_code, j.error_detail, j.error_retryable
    FROM scan_part p JOIN job j ON j.tenant_id = p.tenant_id AND j.job_id = p.job_id
    WHERE p.scan_id = %(scan_id)s
"""
_ONE_PART: Final = _PART + " AND p.job_id = %(job_id)s"
_STOPPED_PARTS: Final = _PART + " AND j.status IN ('failed', 'cancelled') ORDER BY p.job_id"
_TAKE: Final = "DELETE FROM scan_part WHERE scan_id = %(scan_id)s AND job_id = %(job_id)s"
_HAS_PARTS: Final = "SELECT EXISTS (SELECT FROM scan_part WHERE scan_id = %(scan_id)s)"
# The message gets a new id: older deliveries of it are over, and the next one may have an effect of its own.
_WAIT: Final = """
    UPDATE job
    SET attempts_left = DEFAULT, lease_until = now() + make_interval(secs => %(wait_s)s),
        message = message || jsonb_build_object('id', %(message_id)s::text), revision = revision + 1
    WHERE job_id = %(job_id)s AND attempt = %(attempt)s AND status = 'running'
"""
# Written at most so often, and by one at a time: others find the row locked, and leave it.
_PROGRESS: Final = """
    UPDATE job
    SET stage = c.stage, done = c.done, total = c.total, lease_until = now() + make_interval(secs => %(wait_s)s),
        stages = CASE WHEN job.stage = c.stage THEN job.stages ELSE job.stages || jsonb_build_object(
            'stage', c.stage, 'started_at', now(), 'attempt', job.attempt) END,
        revision = revision + ((job.stage, job.done, job.total) IS DISTINCT FROM (c.stage, c.done, c.total))::int
    FROM (SELECT CASE WHEN listing THEN 'list' ELSE 'scan' END AS stage, done,
                 CASE WHEN listing THEN NULL ELSE listed END AS total
          FROM (SELECT EXISTS (SELECT FROM scan_part WHERE scan_id = %(scan_id)s AND kind = 'page') AS listing,
                       coalesce(sum(objects) FILTER (WHERE name = 'listed'), 0)::bigint AS listed,
                       coalesce(sum(objects) FILTER (WHERE name IN ('done', 'failed') OR name LIKE 'skipped:%%'),
                                0)::bigint AS done
                FROM scan_count WHERE scan_id = %(scan_id)s) AS counted) AS c
    WHERE job_id = (SELECT job_id FROM job
                    WHERE job_id = %(job_id)s AND status = 'running'
                      AND lease_until <= now() + make_interval(secs => %(wait_s)s - %(every_s)s)
                    FOR UPDATE SKIP LOCKED)
"""
_FAIL: Final = """
    UPDATE job
    SET status = 'failed', finished_at = now(), lease_until = NULL, attempts_left = 0,
        error_code = r.error_code, error_detail = r.error_detail, error_stage = coalesce(r.error_stage, job.stage),
        error_retryable = r.error_retryable, revision = job.revision + 1
    FROM job AS r
    WHERE job.job_id = %(job_id)s AND job.status = 'running' AND r.tenant_id = job.tenant_id AND r.job_id = %(part_id)s
"""


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan with the job that it is for clients. linked: whether the tenant may (still) have the bucket read.

    source: "list" or "inventory". inventory_wanted: the manifest that was named, as s3://bucket/key.
    detection: the tenant's own settings when it asked for the scan, as `described_settings` takes them.
    """

    tenant_id: UUID
    scan_id: UUID
    bucket: str
    prefix: str
    include_patterns: Sequence[str]
    exclude_patterns: Sequence[str]
    detectors: Sequence[str] | None
    min_confidence: float
    max_object_bytes: int
    detection: Mapping[str, Any]
    incremental: bool
    sample_share: float | None
    sample_objects: int | None
    sample_seed: int
    media: bool
    source: str
    inventory_wanted: str | None
    begun: bool
    job_id: UUID
    kind: str
    status: Status
    attempt: int
    attempts_left: int
    cancel_requested: bool
    linked: bool

    @property
    def unwanted(self) -> Sequence[str]:
        """Shell patterns of keys that are not read: the scan's, and those of its tenant's allow list."""
        allow: Mapping[str, Sequence[str]] = self.detection.get("allow") or {}
        return [*self.exclude_patterns, *allow.get("paths", ())]

    @property
    def goes_on(self) -> bool:
        """Whether its parts are wanted. It is queued while the reconciler has it looked after."""
        return self.status in {"queued", "running"} and not self.cancel_requested


@dataclass(frozen=True, slots=True)
class Part:
    """What is left to be done, with the state of its job.

    token to shares: of a page, as in 0014_key_ranges. piece: of one of an inventory, as in 0020_inventory. objects: as
    in 0007_scans; awaits, handed: 0017_handed.
    """

    job_id: UUID
    kind: str
    token: str | None
    after_key: str | None
    upto_key: str | None
    pages: int
    shares: int
    piece: Mapping[str, Any] | None
    objects: Sequence[Mapping[str, Any]] | None
    awaits: UUID | None
    handed: Mapping[str, Any] | None
    status: Status
    error_code: str | None
    error_detail: str | None
    error_retryable: bool | None


async def scan_of(db: Db, scan_id: UUID) -> Scan:
    """A scan. Raises ScanNotFound."""
    return _found(await _scan(db, _SCAN, scan_id), scan_id)


async def locked(db: Db, scan_id: UUID) -> Scan:
    """A scan, whose job is held until the transaction ends. Raises ScanNotFound."""
    return _found(await _scan(db, _LOCKED, scan_id), scan_id)


async def begin_anew(db: Db, scan_id: UUID) -> None:
    """Note that a scan has begun, without anything that it had found before."""
    await db.execute(_CLEAR, {"scan_id": scan_id})
    await db.execute(_BEGIN, {"scan_id": scan_id})


async def forget(db: Db, scan_id: UUID) -> None:
    """Leave the rest of a scan: messages of its parts find nothing to do any more."""
    await db.execute(_FORGET, {"scan_id": scan_id})


async def add_page(db: Db, tenant_id: UUID, scan_id: UUID, job_id: UUID, span: Span) -> None:
    """Add a page to list."""
    await db.execute(_ADD_PAGE, {"tenant_id": tenant_id, "scan_id": scan_id, "job_id": job_id} | asdict(span))


async def add_piece(db: Db, tenant_id: UUID, scan_id: UUID, job_id: UUID, piece: Mapping[str, Any]) -> None:
    """Add a piece of an inventory to read."""
    values = {"tenant_id": tenant_id, "scan_id": scan_id, "job_id": job_id, "piece": json.dumps(piece)}
    await db.execute(_ADD_PIECE, values)


async def note_inventory(db: Db, scan_id: UUID, manifest: str, at: datetime | None) -> None:
    """Note which inventory a scan reads. at: when S3 began to write it."""
    await db.execute(_NOTE_INVENTORY, {"scan_id": scan_id, "manifest": manifest, "at": at})


async def is_linked(db: Db, bucket: str) -> bool:
    """Whether the tenant may have a bucket read."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_IS_LINKED, {"bucket": bucket})
        return bool(await cursor.fetchone())


async def add_batch(db: Db, tenant_id: UUID, scan_id: UUID, job_id: UUID, objects: Iterable[Mapping[str, Any]]) -> None:
    """Add a batch to read."""
    values = {"tenant_id": tenant_id, "scan_id": scan_id, "job_id": job_id, "objects": json.dumps(list(objects))}
    await db.execute(_ADD_BATCH, values)


async def add_handed(
    db: Db,
    tenant_id: UUID,
    scan_id: UUID,
    job_id: UUID,
    *,
    awaits: UUID,
    listed: Mapping[str, Any],
    handed: Mapping[str, Any],
) -> None:
    """Add an object that a job of others looks at. handed: see 0017_handed."""
    ids = {"tenant_id": tenant_id, "scan_id": scan_id, "job_id": job_id, "awaits": awaits}
    await db.execute(_ADD_HANDED, ids | {"objects": json.dumps([listed]), "handed": json.dumps(handed)})


async def part_of(db: Db, scan_id: UUID, job_id: UUID) -> Part | None:
    """A part of a scan; None when it is done."""
    async with db.cursor(row_factory=class_row(Part)) as cursor:
        await cursor.execute(_ONE_PART, {"scan_id": scan_id, "job_id": job_id})
        return await cursor.fetchone()


async def stopped_parts(db: Db, scan_id: UUID) -> list[Part]:
    """Parts that are to be done, and whose jobs have failed or were cancelled."""
    async with db.cursor(row_factory=class_row(Part)) as cursor:
        await cursor.execute(_STOPPED_PARTS, {"scan_id": scan_id})
        return await cursor.fetchall()


async def take(db: Db, scan_id: UUID, job_id: UUID) -> bool:
    """Remove a part, whose effect the transaction is. False when it is done already, or left."""
    return (await db.execute(_TAKE, {"scan_id": scan_id, "job_id": job_id})).rowcount == 1


async def has_parts(db: Db, scan_id: UUID) -> bool:
    """Whether anything is left to be done."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_HAS_PARTS, {"scan_id": scan_id})
        return bool(await cursor.fetchone())


async def wait(db: Db, job_id: UUID, attempt: int, message_id: UUID) -> bool:
    """Leave a claimed job to its parts. False when another attempt has begun."""
    values = {"job_id": job_id, "attempt": attempt, "message_id": message_id, "wait_s": WAIT_S}
    return (await db.execute(_WAIT, values)).rowcount == 1


async def show_progress(db: Db, scan_id: UUID, job_id: UUID, *, every_s: float = 0.0) -> None:
    """Set the progress of a scan's running job to what its counters say, and renew its lease; at most so often."""
    values = {"scan_id": scan_id, "job_id": job_id, "wait_s": WAIT_S, "every_s": every_s}
    await db.execute(_PROGRESS, values)


async def fail_with(db: Db, job_id: UUID, part_id: UUID) -> bool:
    """Fail a scan's job with the error of a part's. False when it is over already."""
    return (await db.execute(_FAIL, {"job_id": job_id, "part_id": part_id})).rowcount == 1


async def _scan(db: Db, statement: LiteralString, scan_id: UUID) -> Scan | None:
    async with db.cursor(row_factory=class_row(Scan)) as cursor:
        await cursor.execute(statement, {"scan_id": scan_id})
        return await cursor.fetchone()


def _found(scan: Scan | None, scan_id: UUID) -> Scan:
    if scan is None:
        raise ScanNotFound(scan_id=str(scan_id))
    return scan
