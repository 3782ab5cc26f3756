"""All SQL of blocks: postings of words and signs of vectors, packed, of many segments each.

Who changes them holds the row of the dataset's corpus, so that no two do at once.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sightglass_common.db import Db
from sightglass_common.ranking import signs_without, without

# Blocks of less than so many bytes are few of each word: these many are put together.
_SMALL_BYTES: Final = 512 * 8
_SMALL_BLOCKS: Final = 16
_SIGNS_BYTES: Final = 512 * 56

_HOLD: Final = "SELECT FROM corpus WHERE dataset_id = %(dataset_id)s FOR UPDATE"
_POSTINGS: Final = """
    SELECT word, first_number, entries FROM posting WHERE dataset_id = %(dataset_id)s AND word = ANY(%(words)s)
"""
_KEEP: Final = """
    UPDATE posting p SET entries = g.entries
    FROM unnest(%(words)s::bigint[], %(firsts)s::bigint[], %(entries)s::bytea[]) AS g (word, first_number, entries)
    WHERE p.dataset_id = %(dataset_id)s AND p.word = g.word AND p.first_number = g.first_number
"""
_REMOVE: Final = """
    DELETE FROM posting p USING unnest(%(words)s::bigint[], %(firsts)s::bigint[]) AS g (word, first_number)
    WHERE p.dataset_id = %(dataset_id)s AND p.word = g.word AND p.first_number = g.first_number
"""
# A segment's signs are in the last block that begins before it or with it.
_SIGNS: Final = """
    SELECT first_number, entries FROM segment_signs
    WHERE dataset_id = %(dataset_id)s AND first_number IN (
        SELECT (SELECT max(b.first_number) FROM segment_signs b
                WHERE b.dataset_id = %(dataset_id)s AND b.first_number <= n.number)
        FROM unnest(%(numbers)s::bigint[]) AS n (number))
"""
_KEEP_SIGNS: Final = """
    UPDATE segment_signs SET entries = %(entries)s
    WHERE dataset_id = %(dataset_id)s AND first_number = %(first_number)s
"""
_REMOVE_SIGNS: Final = """
    DELETE FROM segment_signs WHERE dataset_id = %(dataset_id)s AND first_number = %(first_number)s
"""
# OFFSET 0: word by word, however few the planner takes a dataset's blocks for.
_GATHER: Final = """
    WITH added AS MATERIALIZED (
        SELECT DISTINCT unnest(word_keys) AS word FROM segment
        WHERE dataset_id = %(dataset_id)s AND number >= %(first_number)s
    ), small AS MATERIALIZED (
        SELECT word, s.first_number, s.entries
        FROM added a, LATERAL (SELECT p.first_number, p.entries FROM posting p
                               WHERE p.word = a.word AND p.dataset_id = %(dataset_id)s
                                     AND octet_length(p.entries) < %(small_bytes)s OFFSET 0) AS s
    ), whole AS MATERIALIZED (
        SELECT word, min(first_number) AS first_number, string_agg(entries, '' ORDER BY first_number) AS entries
        FROM small GROUP BY word HAVING count(*) >= %(small_blocks)s
    ), kept AS (
        UPDATE posting p SET entries = w.entries FROM whole w
        WHERE p.dataset_id = %(dataset_id)s AND p.word = w.word AND p.first_number = w.first_number
    )
    DELETE FROM posting p USING small s JOIN whole w USING (word)
    WHERE p.dataset_id = %(dataset_id)s AND p.word = s.word AND p.first_number = s.first_number
          AND s.first_number > w.first_number
"""
_GATHER_SIGNS: Final = """
    INSERT INTO segment_signs AS s (tenant_id, dataset_id, first_number, entries)
    SELECT %(tenant_id)s, %(dataset_id)s,
           coalesce((SELECT b.first_number
                     FROM (SELECT first_number, entries FROM segment_signs WHERE dataset_id = %(dataset_id)s
                           ORDER BY first_number DESC LIMIT 1) AS b
                     WHERE octet_length(b.entries) < %(signs_bytes)s), min(number)),
           string_agg(int8send(number) || substring(bit_send(binary_quantize(embedding)::bit(384)) FROM 5), ''
                      ORDER BY number)
    FROM segment_vector WHERE dataset_id = %(dataset_id)s AND number >= %(first_number)s
    HAVING count(*) > 0
    ON CONFLICT (tenant_id, dataset_id, first_number) DO UPDATE SET entries = s.entries || EXCLUDED.entries
"""


async def hold(db: Db, dataset_id: UUID) -> None:
    """Let nobody else change the dataset's blocks until the transaction ends."""
    await db.execute(_HOLD, {"dataset_id": dataset_id})


async def gather(db: Db, tenant_id: UUID, dataset_id: UUID, first_number: int) -> None:
    """Take segments from `first_number` on into the blocks: their signs, and many small blocks of a word as one."""
    values: dict[str, Any] = {"tenant_id": tenant_id, "dataset_id": dataset_id, "first_number": first_number}
    await db.execute(_GATHER_SIGNS, values | {"signs_bytes": _SIGNS_BYTES})
    await db.execute(_GATHER, values | {"small_bytes": _SMALL_BYTES, "small_blocks": _SMALL_BLOCKS})


async def withdraw(db: Db, dataset_id: UUID, numbers: Sequence[int], words: Collection[int]) -> None:
    """Leave nothing of segments in the blocks. words: those that they have."""
    if not numbers:
        return
    values: dict[str, Any] = {"dataset_id": dataset_id}
    async with db.cursor(binary=True) as cursor:
        found = await (await cursor.execute(_POSTINGS, values | {"words": list(words)})).fetchall()
        left = [(word, first, without(entries, numbers), len(entries)) for word, first, entries in found]
        signs = await (await cursor.execute(_SIGNS, values | {"numbers": list(numbers)})).fetchall()
    changed = [(word, first, kept) for word, first, kept, size in left if len(kept) < size]
    await db.execute(_KEEP, values | _columns([row for row in changed if row[2]]))
    await db.execute(_REMOVE, values | _columns([row for row in changed if not row[2]]))
    for first, entries in signs:
        kept = signs_without(entries, numbers)
        given = values | {"first_number": first, "entries": kept}
        await db.execute(_KEEP_SIGNS if kept else _REMOVE_SIGNS, given)


def _columns(rows: Sequence[tuple[int, int, bytes]]) -> dict[str, Any]:
    words, firsts, entries = zip(*rows, strict=True) if rows else ((), (), ())
    return {"words": list(words), "firsts": list(firsts), "entries": list(entries)}
