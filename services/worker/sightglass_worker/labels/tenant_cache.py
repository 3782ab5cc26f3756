"""The labels that one tenant has paid for, in Postgres."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sightglass_common.db import Pool, tenant_transaction
from sightglass_worker.labels import queries
from sightglass_worker.labels.provider import Label


class TenantLabelCache:
    """A LabelCache. Each call is a transaction of its own: what was paid for stays, whatever becomes of the attempt."""

    def __init__(self, pool: Pool, tenant_id: UUID) -> None:
        self._pool = pool
        self._tenant_id = tenant_id

    async def get(self, keys: Sequence[bytes]) -> Mapping[bytes, Sequence[Label]]:
        """See LabelCache."""
        async with tenant_transaction(self._pool, self._tenant_id) as db:
            known = await queries.known_labels(db, keys)
        return {key: [_label(stored) for stored in labels] for key, labels in known.items()}

    async def put(self, found: Mapping[bytes, Sequence[Label]]) -> None:
        """See LabelCache."""
        rows = {key: [_stored(label) for label in labels] for key, labels in found.items()}
        async with tenant_transaction(self._pool, self._tenant_id) as db:
            await queries.keep_labels(db, self._tenant_id, rows)


def _stored(label: Label) -> dict[str, Any]:
    return {"name": label.name, "confidence": label.confidence, "box": label.box}


def _label(stored: dict[str, Any]) -> Label:
    """Of no frame yet: `cache.placed` says of which."""
    box = stored["box"]
    return Label(stored["name"], stored["confidence"], 0, 0, tuple(box) if box else None)
