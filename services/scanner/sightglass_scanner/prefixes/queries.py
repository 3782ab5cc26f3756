"""All SQL of syncs. Each function runs in the caller's tenant transaction.

Who holds several sources takes them in the order of their ids, and a source's job before the source.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sightglass_common.dataset_errors import PrefixNotFound
from sightglass_common.db import Db
from sightglass_scanner.prefixes.comparing import Known

_PREFIX: Final = """
    SELECT p.tenant_id, p.prefix_id, p.dataset_id, p.bucket, p.prefix, p.include_patterns, p.exclude_patterns, p.number,
           p.position, p.listed_all, p.listed, p.removed,
           EXISTS (SELECT FROM bucket_link b WHERE b.bucket = p.bucket) AS linked
    FROM dataset_prefix p JOIN dataset d USING (tenant_id, dataset_id)
    WHERE p.prefix_id = %(prefix_id)s AND p.job_id = %(job_id)s AND p.deleted_at IS NULL AND d.deleted_at IS NULL
"""
# Who deletes it, or begins another sync, waits until this is committed; who has done so is seen. Who adds a row that
# names it does not wait: that one may hold a source.
_HELD: Final = _PREFIX + " FOR NO KEY UPDATE OF p FOR SHARE OF d"
# Read again is what failed for a reason that lies in the bucket or on the way to it, not what nobody could read.
_KNOWN: Final = """
    SELECT s.source_id, s.object_key, s.etag, s.size_bytes,
           j.status = 'cancelled'
           OR coalesce(j.status = 'failed' AND (
               EXISTS (SELECT FROM document o WHERE o.tenant_id = s.tenant_id AND o.document_id = s.source_id
                       AND o.status = 'skipped' AND o.reason IN ('denied', 'archived'))
               OR j.error_retryable AND j.error_code <> 'attempts_exhausted'
               OR j.error_code IN ('bucket_not_linked', 'object_changed', 'object_not_found')), false) AS due
    FROM source s JOIN job j USING (tenant_id, job_id)
    WHERE s.prefix_id = %(prefix_id)s AND s.object_key = ANY(%(keys)s) AND s.deleted_at IS NULL
    ORDER BY s.source_id
"""
_LEFT_OUT: Final = """
    SELECT key FROM dataset_prefix_left_out WHERE prefix_id = %(prefix_id)s AND key = ANY(%(names)s)
"""
_SEEN: Final = """
    UPDATE source SET seen = %(number)s
    WHERE source_id IN (SELECT source_id FROM source
                        WHERE source_id = ANY(%(source_ids)s) AND seen < %(number)s ORDER BY source_id FOR UPDATE)
"""
_ADD: Final = """
    INSERT INTO source (tenant_id, source_id, dataset_id, job_id, bucket, object_key, version_id, etag, size_bytes,
                        filename, content_type, prefix_id, seen, origin)
    SELECT %(tenant_id)s, r.source_id, %(dataset_id)s, r.job_id, %(bucket)s, r.object_key, '', r.etag, r.size_bytes,
           r.filename, '', %(prefix_id)s, %(number)s, r.origin
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (source_id uuid, job_id uuid, object_key text, etag text,
                                                   size_bytes bigint, filename text, origin text)
"""
_CHANGE: Final = """
    UPDATE source SET etag = %(etag)s, size_bytes = %(size_bytes)s, version_id = ''
    WHERE source_id = %(source_id)s
"""
_COUNT: Final = """
    UPDATE dataset_prefix
    SET position = %(position)s, listed_all = %(listed_all)s, listed = listed + %(listed)s, new = new + %(new)s,
        changed = changed + %(changed)s, retried = retried + %(retried)s, unchanged = unchanged + %(unchanged)s,
        skipped = (SELECT coalesce(jsonb_object_agg(reason, count), '{}')
                   FROM (SELECT reason, sum(count::bigint) AS count
                         FROM (SELECT * FROM jsonb_each_text(skipped)
                               UNION ALL SELECT * FROM jsonb_each_text(%(skipped)s)) AS each (reason, count)
                         GROUP BY reason) AS summed)
    WHERE prefix_id = %(prefix_id)s
"""
# What a whole listing has not told is not there.
_REMOVE: Final = """
    WITH gone AS (
        UPDATE source SET deleted_at = now()
        WHERE source_id IN (SELECT source_id FROM source
                            WHERE prefix_id = %(prefix_id)s AND deleted_at IS NULL AND seen < %(number)s
                              AND EXISTS (SELECT FROM dataset_prefix WHERE prefix_id = %(prefix_id)s AND listed_all)
                            ORDER BY source_id LIMIT %(limit)s FOR UPDATE)
        RETURNING 1
    )
    UPDATE dataset_prefix SET removed = removed + (SELECT count(*) FROM gone)
    WHERE prefix_id = %(prefix_id)s
    RETURNING (SELECT count(*) FROM gone)
"""
_OVER: Final = "UPDATE dataset_prefix SET synced_at = now(), position = NULL WHERE prefix_id = %(prefix_id)s"


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix as its sync finds it, and how far that is. linked: whether the tenant may (still) have it read."""

    tenant_id: UUID
    prefix_id: UUID
    dataset_id: UUID
    bucket: str
    prefix: str
    include_patterns: Sequence[str]
    exclude_patterns: Sequence[str]
    number: int
    position: str | None
    listed_all: bool
    listed: int
    removed: int
    linked: bool


@dataclass(frozen=True, slots=True)
class NewSource:
    """An object that becomes a source. origin: redacted."""

    source_id: UUID
    job_id: UUID
    object_key: str
    etag: str
    size_bytes: int
    filename: str
    origin: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What a page adds to a sync's counts. skipped: by reason."""

    listed: int
    new: int
    changed: int
    retried: int
    unchanged: int
    skipped: Mapping[str, int]


async def prefix_of(db: Db, prefix_id: UUID, job_id: UUID) -> Prefix:
    """A prefix that this job is to sync. Raises PrefixNotFound, also when it is deleted, or another job's by now."""
    return await _prefix(db, _PREFIX, prefix_id, job_id)


async def held(db: Db, prefix_id: UUID, job_id: UUID) -> Prefix:
    """The same, which stays as it is until the transaction ends."""
    return await _prefix(db, _HELD, prefix_id, job_id)


async def _prefix(db: Db, statement: LiteralString, prefix_id: UUID, job_id: UUID) -> Prefix:
    async with db.cursor(row_factory=class_row(Prefix)) as cursor:
        row = await (await cursor.execute(statement, {"prefix_id": prefix_id, "job_id": job_id})).fetchone()
    if row is None:
        raise PrefixNotFound(prefix_id=str(prefix_id))
    return row


async def known(db: Db, prefix_id: UUID, keys: Sequence[str]) -> dict[str, Known]:
    """Those of a prefix's objects that are sources, by key, in the order of the sources' ids."""
    async with db.cursor(row_factory=class_row(Known)) as cursor:
        found = await cursor.execute(_KNOWN, {"prefix_id": prefix_id, "keys": list(keys)})
        return {row.object_key: row for row in await found.fetchall()}


async def left_out(db: Db, prefix_id: UUID, names: Sequence[UUID]) -> Collection[UUID]:
    """Those of some objects' states that are not wanted back."""
    found = await db.execute(_LEFT_OUT, {"prefix_id": prefix_id, "names": list(names)})
    return {row[0] for row in await found.fetchall()}


async def note_seen(db: Db, prefix: Prefix, source_ids: Sequence[UUID]) -> None:
    """Note that a sync has listed sources' objects. The caller holds no other source and no source's job."""
    await db.execute(_SEEN, {"number": prefix.number, "source_ids": list(source_ids)})


async def add_sources(db: Db, prefix: Prefix, sources: Sequence[NewSource]) -> None:
    """Make objects sources; their jobs must be there."""
    rows = [{name: _plain(getattr(one, name)) for name in NewSource.__slots__} for one in sources]
    values = {"tenant_id": prefix.tenant_id, "dataset_id": prefix.dataset_id, "bucket": prefix.bucket}
    values |= {"prefix_id": prefix.prefix_id, "number": prefix.number, "rows": json.dumps(rows)}
    await db.execute(_ADD, values)


async def change(db: Db, source_id: UUID, etag: str, size_bytes: int) -> None:
    """Note the state in which an object is to be read. The caller holds the source's job."""
    await db.execute(_CHANGE, {"source_id": source_id, "etag": etag, "size_bytes": size_bytes})


async def count(db: Db, prefix_id: UUID, counts: Counts, position: str | None) -> None:
    """Count a page. position: where the listing goes on; None: that was all."""
    values: dict[str, Any] = {name: getattr(counts, name) for name in Counts.__slots__}
    values |= {"skipped": Jsonb(dict(counts.skipped)), "prefix_id": prefix_id}
    await db.execute(_COUNT, values | {"position": position, "listed_all": position is None})


async def remove(db: Db, prefix: Prefix, limit: int) -> int:
    """Hide some of the sources that a whole listing did not have; how many. The caller holds the prefix."""
    values = {"prefix_id": prefix.prefix_id, "number": prefix.number, "limit": limit}
    row = await (await db.execute(_REMOVE, values)).fetchone()
    if row is None:
        raise PrefixNotFound(prefix_id=str(prefix.prefix_id))
    return int(row[0])


async def end(db: Db, prefix_id: UUID) -> None:
    """Note that a sync is over."""
    await db.execute(_OVER, {"prefix_id": prefix_id})


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
