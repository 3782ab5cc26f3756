"""All SQL of a tenant's own detectors and settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from sightglass_common.db import Db
from sightglass_common.errors import DetectorExists, DetectorNotFound

_ALL: Final = "SELECT detector_id, definition, changed_at FROM own_detector ORDER BY detector_id"
_INSERT: Final = """
    INSERT INTO own_detector (tenant_id, detector_id, definition)
    VALUES (%(tenant_id)s, %(detector_id)s, %(definition)s)
    ON CONFLICT DO NOTHING RETURNING detector_id, definition, changed_at
"""
_REPLACE: Final = """
    UPDATE own_detector SET definition = %(definition)s, changed_at = now() WHERE detector_id = %(detector_id)s
    RETURNING detector_id, definition, changed_at
"""
_DELETE: Final = "DELETE FROM own_detector WHERE detector_id = %(detector_id)s"
# Whoever adds one waits for who adds another, so that the limit holds; until the transaction ends.
_ONE_BY_ONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended('own_detector ' || %(tenant_id)s::text, 0))"
_COUNT: Final = "SELECT count(*) FROM own_detector"
_SETTINGS: Final = "SELECT settings FROM detection_setting"
_SET: Final = """
    INSERT INTO detection_setting (tenant_id, settings) VALUES (%(tenant_id)s, %(settings)s)
    ON CONFLICT (tenant_id) DO UPDATE SET settings = excluded.settings, changed_at = now()
"""
# What was redacted before is withheld from this on: see `redaction_queries`.
_NEXT_GENERATION: Final = """
    INSERT INTO detection_setting (tenant_id, settings, generation) VALUES (%(tenant_id)s, '{}', 1)
    ON CONFLICT (tenant_id) DO UPDATE SET generation = detection_setting.generation + 1
"""
_DEFINITION: Final = "SELECT definition FROM own_detector WHERE detector_id = %(detector_id)s FOR UPDATE"
_SETTINGS_HELD: Final = _SETTINGS + " FOR UPDATE"


@dataclass(frozen=True, slots=True)
class DetectorRow:
    """A detector of the tenant's own."""

    detector_id: str
    definition: Mapping[str, Any]
    changed_at: datetime


async def detectors(db: Db) -> list[DetectorRow]:
    """All of the tenant's own."""
    async with db.cursor(row_factory=class_row(DetectorRow)) as cursor:
        return await (await cursor.execute(_ALL)).fetchall()


async def count_to_add(db: Db, tenant_id: UUID) -> int:
    """How many there are; nobody else adds one to the tenant's until the transaction ends."""
    await db.execute(_ONE_BY_ONE, {"tenant_id": tenant_id})
    async with db.cursor(row_factory=scalar_row) as cursor:
        return int(await (await cursor.execute(_COUNT)).fetchone() or 0)


async def insert(db: Db, tenant_id: UUID, detector_id: str, definition: Mapping[str, Any]) -> DetectorRow:
    """Add a detector. Raises DetectorExists."""
    values = {"tenant_id": tenant_id, "detector_id": detector_id, "definition": Jsonb(definition)}
    async with db.cursor(row_factory=class_row(DetectorRow)) as cursor:
        row = await (await cursor.execute(_INSERT, values)).fetchone()
    if row is None:
        raise DetectorExists
    return row


async def replace(db: Db, detector_id: str, definition: Mapping[str, Any]) -> DetectorRow:
    """Define a detector anew. Raises DetectorNotFound."""
    values = {"detector_id": detector_id, "definition": Jsonb(definition)}
    async with db.cursor(row_factory=class_row(DetectorRow)) as cursor:
        row = await (await cursor.execute(_REPLACE, values)).fetchone()
    if row is None:
        raise DetectorNotFound
    return row


async def delete(db: Db, detector_id: str) -> None:
    """Remove a detector. Raises DetectorNotFound."""
    if (await db.execute(_DELETE, {"detector_id": detector_id})).rowcount == 0:
        raise DetectorNotFound


async def definition(db: Db, detector_id: str) -> Mapping[str, Any]:
    """How a detector is defined; nobody else defines it before the transaction ends. Raises DetectorNotFound."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        found: Mapping[str, Any] | None = await (
            await cursor.execute(_DEFINITION, {"detector_id": detector_id})
        ).fetchone()
    if found is None:
        raise DetectorNotFound
    return found


async def next_generation(db: Db, tenant_id: UUID) -> None:
    """Note that texts which were redacted until now may hold what is found from now on."""
    await db.execute(_NEXT_GENERATION, {"tenant_id": tenant_id})


async def settings(db: Db, *, lock: bool = False) -> Mapping[str, Any]:
    """The tenant's settings; empty before any were made. lock: nobody else sets any before the transaction ends."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        found: Mapping[str, Any] | None = await (await cursor.execute(_SETTINGS_HELD if lock else _SETTINGS)).fetchone()
    return found or {}


async def set_settings(db: Db, tenant_id: UUID, values: Mapping[str, Any]) -> None:
    """Put settings in place of those that were."""
    await db.execute(_SET, {"tenant_id": tenant_id, "settings": Jsonb(values)})
