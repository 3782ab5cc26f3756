"""By what texts are redacted: the rules of today, and those that a document's segments were redacted by.

Rules are named `version.generation`: the version of the shipped detectors, and the generation of what the tenant has
set. Only equal ones serve: of what was redacted by others nobody knows what they would have found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from sightglass_common.db import Db

# Raised when the shipped detectors find what they did not: all documents are withheld then, and read anew.
DETECTORS_VERSION: Final = "1"

_GENERATION: Final = "coalesce((SELECT generation FROM detection_setting), 0)"
RULES: Final = f"('{DETECTORS_VERSION}.' || {_GENERATION})"

# Hidden values are found, too: what a document says is read by people and models that see through it.
_SETTINGS: Final = "coalesce((SELECT settings FROM detection_setting), '{}') || jsonb_build_object('normalise', true)"
_OWN: Final = """
    jsonb_build_object('own', (SELECT coalesce(jsonb_agg(d.definition || jsonb_build_object('id', d.detector_id)
                                                         ORDER BY d.detector_id), '[]') FROM own_detector d))
"""
_WHOLE: Final = f"SELECT {RULES} AS name, {_SETTINGS} || {_OWN} AS described"
_WITHOUT_OWN: Final = f"SELECT {RULES} AS name, {_SETTINGS} AS described"
_WITHHELD: Final = f"""
    SELECT count(*) FROM document
    WHERE dataset_id = ANY(%(datasets)s) AND served IS NOT NULL
      AND (served_rules < {RULES} OR served_rules > {RULES})
"""


@dataclass(frozen=True, slots=True)
class Rules:
    """What texts are redacted by. described: as `described_settings` of the engine takes it."""

    name: str
    described: Mapping[str, Any]


async def rules(db: Db) -> Rules:
    """The tenant's rules of now, its own detectors with them."""
    return await _one(db, _WHOLE)


async def rules_without_own(db: Db) -> Rules:
    """The same for who may not know what the tenant's own detectors look for."""
    return await _one(db, _WITHOUT_OWN)


async def withheld(db: Db, datasets: Sequence[UUID]) -> int:
    """How many documents of these datasets are not looked at, as they are redacted by other rules."""
    async with db.cursor(row_factory=scalar_row) as cursor:
        return int(await (await cursor.execute(_WITHHELD, {"datasets": list(datasets)})).fetchone() or 0)


async def _one(db: Db, statement: LiteralString) -> Rules:
    async with db.cursor(row_factory=class_row(Rules)) as cursor:
        found = await (await cursor.execute(statement)).fetchone()
    if found is None:
        raise RuntimeError("Postgres does not tell the rules.")
    return found
