"""All SQL of answering."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sightglass_common.dataset_errors import SourcesChanged, TurnNotFound
from sightglass_common.db import Db
from sightglass_common.redaction_queries import RULES

# Those of the conversation that are still there; of one without any, all.
_TURN: Final = """
    SELECT t.turn_id, t.conversation_id, t.question,
           (SELECT coalesce(array_agg(d.dataset_id ORDER BY d.dataset_id), '{}')
            FROM dataset d
            WHERE d.deleted_at IS NULL AND (c.dataset_ids IS NULL OR d.dataset_id = ANY(c.dataset_ids))) AS dataset_ids
    FROM turn t JOIN conversation c USING (tenant_id, conversation_id)
    WHERE t.turn_id = %(turn_id)s
"""
_FORGET: Final = "DELETE FROM turn_event WHERE turn_id = %(turn_id)s AND number >= %(number)s"
_EVENTS: Final = """
    INSERT INTO turn_event (tenant_id, turn_id, number, kind, data)
    SELECT %(tenant_id)s, %(turn_id)s, %(number)s + e.place - 1, e.event->>'kind', e.event->'data'
    FROM jsonb_array_elements(%(events)s) WITH ORDINALITY AS e (event, place)
"""
_ANSWER: Final = """
    UPDATE turn
    SET answered = %(answered)s, answer = %(answer)s, citations = %(citations)s, usage = %(usage)s
    WHERE turn_id = %(turn_id)s
"""
# Where events go on: behind those that somebody may have seen an answer begin in, if there are any.
_NEXT: Final = """
    SELECT coalesce(max(number), 0) + 1 FROM turn_event
    WHERE turn_id = %(turn_id)s
      AND EXISTS (SELECT FROM turn_event WHERE turn_id = %(turn_id)s AND kind IN ('delta', 'reset'))
"""
# Not what was said of documents that are deleted or withheld now, or that were redacted by other rules then.
_EARLIER: Final = f"""
    SELECT question, answer FROM turn t
    WHERE conversation_id = %(conversation_id)s AND turn_id < %(turn_id)s AND answered AND answer IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM turn_document w JOIN document d USING (tenant_id, document_id)
                    JOIN source s ON s.tenant_id = d.tenant_id AND s.source_id = d.source_id
        WHERE w.turn_id = t.turn_id
          AND (w.rules IS DISTINCT FROM {RULES} OR d.served_rules IS DISTINCT FROM {RULES} OR d.served IS NULL
               OR s.deleted_at IS NOT NULL))
    ORDER BY turn_id DESC LIMIT %(limit)s
"""
_GIVEN: Final = "SELECT earlier FROM turn WHERE turn_id = %(turn_id)s"
_SHOWN: Final = """
    INSERT INTO turn_document AS w (tenant_id, turn_id, document_id, rules)
    SELECT tenant_id, %(turn_id)s, document_id, served_rules FROM document WHERE document_id = ANY(%(document_ids)s)
    ON CONFLICT (tenant_id, turn_id, document_id) DO UPDATE SET rules = excluded.rules
"""
# Who deletes one of them waits until this is committed, and then finds the turn.
_SERVED: Final = f"""
    SELECT document_id FROM document
    WHERE document_id = ANY(%(document_ids)s) AND served IS NOT NULL AND served_rules = {RULES}
    ORDER BY document_id FOR SHARE
"""
# The words of the question that a sentence has, weighed as a search weighs them; 1: all of them.
_SHARES: Final = """
    WITH given AS MATERIALIZED (
        SELECT g.place, g.sentence, d.language, d.dataset_id
        FROM unnest(%(sentences)s::text[], %(sentence_datasets)s::uuid[]) WITH ORDINALITY
             AS g (sentence, dataset_id, place) JOIN dataset d USING (dataset_id)
    ), corpora AS MATERIALIZED (
        SELECT coalesce(sum(segments), 0)::float8 AS segments FROM corpus WHERE dataset_id = ANY(%(datasets)s)
    ), asked AS MATERIALIZED (
        SELECT language, stem FROM (SELECT DISTINCT language FROM given) AS languages,
             unnest(tsvector_to_array(to_tsvector(language::regconfig, %(question)s))) AS stem
    ), weights AS MATERIALIZED (
        SELECT a.language, a.stem, ln(1 + greatest(c.segments - f.df + 0.5, 0.5) / (f.df + 0.5)) AS idf
        FROM asked a, corpora c,
             LATERAL (SELECT coalesce(sum(octet_length(p.entries) / 8), 0)::float8 AS df FROM posting p
                      WHERE p.word = word_key(a.stem) AND p.dataset_id = ANY(%(datasets)s)) AS f
    )
    SELECT coalesce(sum(w.idf) FILTER (WHERE w.stem = ANY(tsvector_to_array(
                        to_tsvector(g.language::regconfig, g.sentence)))), 0) / nullif(sum(w.idf), 0)
    FROM given g LEFT JOIN weights w ON w.language = g.language
    GROUP BY g.place ORDER BY g.place
"""


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A question, and where its answer may come from."""

    turn_id: UUID
    conversation_id: UUID
    question: str
    dataset_ids: Sequence[UUID]


async def turn(db: Db, turn_id: UUID) -> TurnRow:
    """A turn. Raises TurnNotFound."""
    async with db.cursor(row_factory=class_row(TurnRow)) as cursor:
        row = await (await cursor.execute(_TURN, {"turn_id": turn_id})).fetchone()
    if row is None:
        raise TurnNotFound(turn_id=str(turn_id))
    return row


async def hold(db: Db, document_ids: Collection[UUID]) -> None:
    """Keep documents as they are until the transaction ends.

    Raises SourcesChanged when one of them is not to be shown any more: it is deleted, or withheld.
    """
    rows = await (await db.execute(_SERVED, {"document_ids": list(document_ids)})).fetchall()
    if len(rows) < len(document_ids):
        raise SourcesChanged


async def shown(db: Db, turn_id: UUID, document_ids: Collection[UUID]) -> None:
    """Note of which documents a turn holds words, and by what rules these were redacted. The caller holds them."""
    await db.execute(_SHOWN, {"turn_id": turn_id, "document_ids": list(document_ids)})


async def add_events(
    db: Db, tenant_id: UUID, turn_id: UUID, number: int, events: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Put events, each a kind and its data, in place of all from `number` on."""
    values: dict[str, Any] = {"tenant_id": tenant_id, "turn_id": turn_id, "number": number}
    await db.execute(_FORGET, values)
    given = [{"kind": kind, "data": dict(data)} for kind, data in events]
    await db.execute(_EVENTS, values | {"events": Jsonb(given)})


async def next_number(db: Db, turn_id: UUID) -> int:
    """The number of an attempt's first event: 1, unless a piece of an answer is there already."""
    (number,) = await (await db.execute(_NEXT, {"turn_id": turn_id})).fetchone() or (1,)
    return int(number)


async def earlier(db: Db, turn: TurnRow, limit: int) -> list[tuple[str, str]]:
    """What was asked before in the same conversation and was answered, in its order; of more the last ones.

    Without what was answered from documents that may not be shown now as they were then. What came with the question
    itself stands behind.
    """
    values = {"conversation_id": turn.conversation_id, "turn_id": turn.turn_id, "limit": limit}
    rows = await (await db.execute(_EARLIER, values)).fetchall()
    (given,) = await (await db.execute(_GIVEN, {"turn_id": turn.turn_id})).fetchone() or (None,)
    told: Sequence[Sequence[str]] = given or []
    both = [(str(pair[0]), str(pair[1])) for pair in (*reversed(rows), *told)]
    return both[-limit:]


async def answer(
    db: Db,
    turn_id: UUID,
    text: str,
    citations: Sequence[Mapping[str, Any]],
    usage: Mapping[str, Any],
    *,
    answered: bool,
) -> None:
    """Note what a question was answered with, and by what."""
    values = {"turn_id": turn_id, "answered": answered, "answer": text}
    await db.execute(_ANSWER, values | {"citations": Jsonb(list(citations)), "usage": Jsonb(dict(usage))})


async def shares(
    db: Db, datasets: Sequence[UUID], question: str, sentences: Sequence[str], of_datasets: Sequence[UUID]
) -> list[float]:
    """How much of a question's words each sentence has, 0 to 1. of_datasets: where each sentence is from."""
    values = {
        "datasets": list(datasets),
        "question": question,
        "sentences": list(sentences),
        "sentence_datasets": list(of_datasets),
    }
    return [row[0] or 0.0 for row in await (await db.execute(_SHARES, values)).fetchall()]
