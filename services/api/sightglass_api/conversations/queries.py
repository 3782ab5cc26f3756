"""All SQL of conversations. Each statement asks for the key that a conversation belongs to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sightglass_common.dataset_errors import ConversationNotFound, TurnNotFound
from sightglass_common.db import Db

_INSERT: Final = """
    INSERT INTO conversation (tenant_id, conversation_id, key_id, title, dataset_ids, bot_id, bot_version)
    VALUES (%(tenant_id)s, %(conversation_id)s, %(key_id)s, %(title)s, %(dataset_ids)s, %(bot_id)s, %(bot_version)s)
"""
_COLUMNS: Final = """
    SELECT conversation_id, title, dataset_ids, bot_id, bot_version, created_at
    FROM conversation WHERE key_id = %(key_id)s
"""
_ONE: Final = _COLUMNS + " AND conversation_id = %(conversation_id)s"
_PAGE: Final = (
    _COLUMNS
    + """ AND (%(before)s::uuid IS NULL OR conversation_id < %(before)s)
          ORDER BY conversation_id DESC LIMIT %(limit)s"""
)
_ENTITLE: Final = """
    UPDATE conversation SET title = %(title)s WHERE conversation_id = %(conversation_id)s AND title = ''
"""
_RENAME: Final = """
    UPDATE conversation SET title = %(title)s WHERE key_id = %(key_id)s AND conversation_id = %(conversation_id)s
"""
_DELETE: Final = "DELETE FROM conversation WHERE key_id = %(key_id)s AND conversation_id = %(conversation_id)s"
_JOBS: Final = """
    SELECT j.job_id FROM turn t JOIN job j USING (tenant_id, job_id)
    WHERE t.conversation_id = %(conversation_id)s AND j.status IN ('queued', 'running')
"""
_INSERT_TURN: Final = """
    INSERT INTO turn (tenant_id, turn_id, conversation_id, job_id, question, earlier, temperature, most_tokens)
    VALUES (%(tenant_id)s, %(turn_id)s, %(conversation_id)s, %(job_id)s, %(question)s, %(earlier)s, %(temperature)s,
            %(most_tokens)s)
"""
_TURN_COLUMNS: Final = """
    SELECT t.turn_id, t.job_id, t.question, t.answered, t.answer, t.citations, t.usage, t.created_at, j.status,
           j.finished_at, j.error_code, j.error_detail, j.error_stage, j.error_retryable,
           (SELECT jsonb_build_object('thumb', f.thumb, 'document_id', f.document_id, 'note', f.note, 'at', f.at)
            FROM feedback f WHERE f.tenant_id = t.tenant_id AND f.turn_id = t.turn_id) AS feedback
    FROM turn t JOIN conversation c USING (tenant_id, conversation_id) JOIN job j USING (tenant_id, job_id)
    WHERE c.key_id = %(key_id)s AND t.conversation_id = %(conversation_id)s
"""
_TURN: Final = _TURN_COLUMNS + " AND t.turn_id = %(turn_id)s"
_TURNS: Final = (
    _TURN_COLUMNS + " AND (%(after)s::uuid IS NULL OR t.turn_id > %(after)s) ORDER BY t.turn_id LIMIT %(limit)s"
)
_EVENTS: Final = """
    SELECT number, kind, data FROM turn_event WHERE turn_id = %(turn_id)s AND number > %(after)s ORDER BY number
"""
_THUMBNAILS: Final = """
    SELECT s.analysis_id::text, s.number, s.thumbnail_key
    FROM scene s JOIN unnest(%(analysis_ids)s::uuid[], %(scenes)s::bigint[]) AS p (analysis_id, number)
         ON s.analysis_id = p.analysis_id AND s.number = p.number
    WHERE s.thumbnail_key IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation. bot_id: with whom; None for none."""

    conversation_id: UUID
    title: str
    dataset_ids: Sequence[UUID] | None
    bot_id: UUID | None
    bot_version: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn with its job."""

    turn_id: UUID
    job_id: UUID
    question: str
    answered: bool | None
    answer: str | None
    citations: Sequence[Mapping[str, Any]]
    usage: Mapping[str, Any] | None
    created_at: datetime
    status: str
    finished_at: datetime | None
    error_code: str | None
    error_detail: str | None
    error_stage: str | None
    error_retryable: bool | None
    feedback: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """A piece of an answer."""

    number: int
    kind: str
    data: Mapping[str, Any]


async def insert(db: Db, tenant_id: UUID, key_id: str, row: ConversationRow) -> None:
    """Add a conversation."""
    ids = None if row.dataset_ids is None else list(row.dataset_ids)
    values: dict[str, Any] = {"tenant_id": tenant_id, "key_id": key_id, "conversation_id": row.conversation_id}
    values |= {"title": row.title, "dataset_ids": ids, "bot_id": row.bot_id, "bot_version": row.bot_version}
    await db.execute(_INSERT, values)


async def conversation(db: Db, key_id: str, conversation_id: UUID) -> ConversationRow:
    """One conversation. Raises ConversationNotFound, also for another key's."""
    async with db.cursor(row_factory=class_row(ConversationRow)) as cursor:
        found = await cursor.execute(_ONE, {"key_id": key_id, "conversation_id": conversation_id})
        row = await found.fetchone()
    if row is None:
        raise ConversationNotFound
    return row


async def rename(db: Db, key_id: str, conversation_id: UUID, title: str) -> None:
    """Give a conversation another title, as it may be stored. Raises ConversationNotFound."""
    values = {"key_id": key_id, "conversation_id": conversation_id, "title": title}
    if (await db.execute(_RENAME, values)).rowcount == 0:
        raise ConversationNotFound


async def conversations(db: Db, key_id: str, *, before: UUID | None, limit: int) -> list[ConversationRow]:
    """Some conversations of a key, the newest first."""
    async with db.cursor(row_factory=class_row(ConversationRow)) as cursor:
        return await (await cursor.execute(_PAGE, {"key_id": key_id, "before": before, "limit": limit})).fetchall()


async def entitle(db: Db, conversation_id: UUID, title: str) -> None:
    """Give a conversation a title if it has none."""
    await db.execute(_ENTITLE, {"conversation_id": conversation_id, "title": title})


async def unfinished_jobs(db: Db, conversation_id: UUID) -> list[UUID]:
    """The jobs of turns that are not over."""
    return [row[0] for row in await (await db.execute(_JOBS, {"conversation_id": conversation_id})).fetchall()]


async def delete(db: Db, key_id: str, conversation_id: UUID) -> None:
    """Remove a conversation with its turns. Raises ConversationNotFound."""
    values = {"key_id": key_id, "conversation_id": conversation_id}
    if (await db.execute(_DELETE, values)).rowcount == 0:
        raise ConversationNotFound


async def insert_turn(
    db: Db,
    tenant_id: UUID,
    conversation_id: UUID,
    *,
    turn_id: UUID,
    job_id: UUID,
    question: str,
    earlier: Sequence[tuple[str, str]],
    temperature: float | None,
    most_tokens: int | None,
) -> None:
    """Add a turn. question, earlier: redacted."""
    values: dict[str, Any] = {"tenant_id": tenant_id, "conversation_id": conversation_id, "turn_id": turn_id}
    values |= {"job_id": job_id, "question": question, "temperature": temperature, "most_tokens": most_tokens}
    await db.execute(_INSERT_TURN, values | {"earlier": Jsonb(list(earlier)) if earlier else None})


async def turn(db: Db, key_id: str, conversation_id: UUID, turn_id: UUID) -> TurnRow:
    """One turn. Raises TurnNotFound, also for one of another conversation or key."""
    values = {"key_id": key_id, "conversation_id": conversation_id, "turn_id": turn_id}
    async with db.cursor(row_factory=class_row(TurnRow)) as cursor:
        row = await (await cursor.execute(_TURN, values)).fetchone()
    if row is None:
        raise TurnNotFound
    return row


async def turns(db: Db, key_id: str, conversation_id: UUID, *, after: UUID | None, limit: int) -> list[TurnRow]:
    """Some turns of a conversation, in their order."""
    values = {"key_id": key_id, "conversation_id": conversation_id, "after": after, "limit": limit}
    async with db.cursor(row_factory=class_row(TurnRow)) as cursor:
        return await (await cursor.execute(_TURNS, values)).fetchall()


async def events(db: Db, turn_id: UUID, *, after: int) -> list[EventRow]:
    """The pieces of an answer behind one of them, in their order. The caller has asked for the turn before."""
    async with db.cursor(row_factory=class_row(EventRow)) as cursor:
        return await (await cursor.execute(_EVENTS, {"turn_id": turn_id, "after": after})).fetchall()


async def thumbnails(db: Db, scenes: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Where the pictures of scenes lie, each named by its analysis and number; of those that there are."""
    values = {"analysis_ids": [one for one, _ in scenes], "scenes": [number for _, number in scenes]}
    return {(row[0], row[1]): row[2] for row in await (await db.execute(_THUMBNAILS, values)).fetchall()}
