"""All SQL of the cache of labels. Each function runs in the caller's tenant transaction."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sightglass_common.db import Db

_KNOWN: Final = "SELECT key, labels FROM label_cache WHERE key = ANY(%(keys)s)"
# In order of the keys, so that of two analyses that keep the same neither waits for the other in turn.
_KEEP: Final = """
    INSERT INTO label_cache (tenant_id, key, labels)
    SELECT %(tenant_id)s, decode(l.key, 'hex'), l.labels
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS l (key text, labels jsonb)
    ORDER BY l.key
    ON CONFLICT DO NOTHING
"""


async def known_labels(db: Db, keys: Sequence[bytes]) -> dict[bytes, list[dict[str, Any]]]:
    """What is kept under these keys: `{"name", "confidence", "box"}` each."""
    cursor = await db.execute(_KNOWN, {"keys": list(keys)})
    return {bytes(key): labels for key, labels in await cursor.fetchall()}


async def keep_labels(db: Db, tenant_id: UUID, found: Mapping[bytes, Sequence[dict[str, Any]]]) -> None:
    """Keep labels under keys that nothing is kept under."""
    rows = [{"key": key.hex(), "labels": labels} for key, labels in found.items()]
    await db.execute(_KEEP, {"tenant_id": tenant_id, "rows": json.dumps(rows)})
