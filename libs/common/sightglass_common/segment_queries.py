"""Segments are taken out of the index again: some at a time, with their words and vectors."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sightglass_common import block_queries as blocks
from sightglass_common.db import Db

# So many take some tens of milliseconds, in which nobody else stores segments of the dataset.
_AT_ONCE: Final = 256

_FORGET: Final = """
    WITH chosen AS MATERIALIZED (
        SELECT s.number FROM document d JOIN segment s USING (tenant_id, document_id)
        WHERE d.document_id = ANY(%(document_ids)s) AND s.reading IS DISTINCT FROM d.served
              AND (%(unfinished)s OR d.status <> 'read' OR s.reading < d.reading)
        LIMIT %(limit)s
    ), gone AS MATERIALIZED (
        DELETE FROM segment WHERE dataset_id = %(dataset_id)s AND number IN (SELECT number FROM chosen)
        RETURNING number, words, word_keys
    ), counted AS (
        UPDATE corpus SET segments = corpus.segments - g.segments, words = corpus.words - g.words
        FROM (SELECT count(*) AS segments, coalesce(sum(words), 0) AS words FROM gone) AS g
        WHERE dataset_id = %(dataset_id)s AND g.segments > 0
    )
    SELECT number, word_keys FROM gone
"""


async def forget(db: Db, dataset_id: UUID, document_ids: Sequence[UUID], *, unfinished: bool = False) -> int:
    """Remove some segments of documents that are of no reading that is searched; how many. 0: none is left.

    unfinished: also those of a reading that is to be searched when all of its segments are there.
    """
    values = {"dataset_id": dataset_id, "document_ids": list(document_ids), "limit": _AT_ONCE, "unfinished": unfinished}
    await blocks.hold(db, dataset_id)
    gone = await (await db.execute(_FORGET, values)).fetchall()
    words = {word for _, word_keys in gone for word in word_keys}
    await blocks.withdraw(db, dataset_id, [number for number, _ in gone], words)
    return len(gone)
