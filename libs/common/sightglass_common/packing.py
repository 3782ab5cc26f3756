"""How messages are packed into SendMessageBatch calls: at most ten entries, and no more bytes than SQS takes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

MAX_ENTRIES: Final = 10
MAX_BYTES: Final = 1_048_576  # of a message, and of all messages of a batch together
# Quotes in JSON are escaped once more on the way, so that half of the limit is up to 1 MiB of HTTP body.
_BATCH_BYTES: Final = MAX_BYTES // 2
# What a message's attributes count for, with room to spare: names, types, a traceparent, a reason.
_ATTRIBUTE_BYTES: Final = 256


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox that is to be sent now."""

    tenant_id: UUID
    outbox_id: UUID
    queue: str
    body: str
    reason: str | None
    refusals: int

    @property
    def size_bytes(self) -> int:
        """What it counts for against the limit."""
        return len(self.body.encode()) + len((self.reason or "").encode()) + _ATTRIBUTE_BYTES


def packed(rows: Iterable[Row]) -> list[Sequence[Row]]:
    """Rows of one queue together, in their order; a row that is large stands alone."""
    by_queue: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_queue[row.queue].append(row)
    return [batch for queued in by_queue.values() for batch in _of_one_queue(queued)]


def _of_one_queue(rows: list[Row]) -> list[Sequence[Row]]:
    batches: list[Sequence[Row]] = []
    batch: list[Row] = []
    size_bytes = 0
    for row in rows:
        if batch and (len(batch) == MAX_ENTRIES or size_bytes + row.size_bytes > _BATCH_BYTES):
            batches.append(batch)
            batch, size_bytes = [], 0
        batch.append(row)
        size_bytes += row.size_bytes
    return [*batches, batch]
