"""All SQL of scores: what findings, values and objects there are below each prefix of a scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db

# A value is one, however often it stands below a prefix. What people call a false positive is none. A folder ends with
# a slash; `below` is how deep it lies below the prefix.
_MEASURED: Final = """
    WITH found AS (
        SELECT f.object_key, f.detector, f.value_hash, f.severity, round(f.confidence * 1000)::bigint AS sure,
               string_to_array(substr(f.object_key, length(%(prefix)s::text) + 1), '/') AS steps
        FROM scan_finding s JOIN finding f ON f.tenant_id = s.tenant_id AND f.finding_id = s.finding_id
        WHERE s.scan_id = %(scan_id)s AND starts_with(f.object_key, %(prefix)s) AND f.state <> 'false_positive'
    ), placed AS (
        SELECT found.*, below, CASE WHEN below = 0 THEN %(prefix)s::text
                                    ELSE %(prefix)s::text || array_to_string(steps[1:below], '/') || '/' END AS prefix
        FROM found, generate_series(0, least(%(depth)s, cardinality(steps) - 1)) AS below
    ), valued AS (
        SELECT below, prefix, severity, detector, value_hash, max(sure) AS sure, count(*) AS findings
        FROM placed GROUP BY below, prefix, severity, detector, value_hash
    ), severities AS (
        SELECT below, prefix, severity, max(sure) AS worst, sum(sure) AS amount, sum(findings) AS findings,
               count(*) AS distinct_values
        FROM valued GROUP BY below, prefix, severity
    ), objects AS (
        SELECT below, prefix, count(DISTINCT object_key) AS objects FROM placed GROUP BY below, prefix
    )
    SELECT below, prefix, o.objects AS objects_with_findings, sum(s.findings)::bigint AS findings,
           sum(s.distinct_values)::bigint AS distinct_values,
           jsonb_object_agg(s.severity, s.worst) AS worst, jsonb_object_agg(s.severity, s.amount) AS amount
    FROM severities s JOIN objects o USING (below, prefix)
    GROUP BY below, prefix, o.objects
"""
_OBJECTS: Final = """
    SELECT wanted.parent, wanted.name, s.objects
    FROM unnest(%(parents)s::text[], %(names)s::text[]) AS wanted (parent, name)
    JOIN scan_folder s ON s.scan_id = %(scan_id)s AND s.parent = wanted.parent AND s.name = wanted.name
    WHERE s.name = '/'
       OR (SELECT count(*) FROM (SELECT FROM scan_folder k WHERE k.scan_id = %(scan_id)s AND k.parent = s.parent
                                 AND k.name <> '/' LIMIT %(side_by_side)s + 1) AS kin) <= %(side_by_side)s
"""
# As the scanner does not count more: see its folder_queries.
_SIDE_BY_SIDE: Final = 1000


@dataclass(frozen=True, slots=True)
class PrefixRow:
    """What is found below a prefix. worst, amount: as of scoring.Measured."""

    below: int
    prefix: str
    objects_with_findings: int
    findings: int
    distinct_values: int
    worst: dict[str, int]
    amount: dict[str, int]


@dataclass(frozen=True, slots=True)
class FolderRow:
    """How many objects of a folder are to be read; the one named "/" is `parent` itself."""

    parent: str
    name: str
    objects: int


async def measured(db: Db, scan_id: UUID, *, prefix: str, depth: int) -> list[PrefixRow]:
    """The prefix, and each folder below it down to `depth`, in which something is found; in no order."""
    values = {"scan_id": scan_id, "prefix": prefix, "depth": depth}
    async with db.cursor(row_factory=class_row(PrefixRow)) as cursor:
        return await (await cursor.execute(_MEASURED, values)).fetchall()


async def objects(db: Db, scan_id: UUID, folders: Sequence[tuple[str, str]]) -> list[FolderRow]:
    """Those of some folders (parent, name) whose objects are counted."""
    values = {
        "scan_id": scan_id,
        "parents": [parent for parent, _ in folders],
        "names": [name for _, name in folders],
        "side_by_side": _SIDE_BY_SIDE,
    }
    async with db.cursor(row_factory=class_row(FolderRow)) as cursor:
        return await (await cursor.execute(_OBJECTS, values)).fetchall()
