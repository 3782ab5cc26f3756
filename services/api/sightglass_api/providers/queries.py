"""All SQL of providers. No statement reads a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from sightglass_api.providers.schemas import Kind
from sightglass_common.dataset_errors import ProviderNameTaken, ProviderNotFound, ProviderNotTested
from sightglass_common.db import Db

_COLUMNS: Final = """
    SELECT p.provider_id, p.name, p.kind, p.base_url, nullif(p.region, '') AS region, p.model,
           p.sealed_key IS NOT NULL AS has_key, p.temperature, p.most_tokens, p.rank, p.enabled, p.tokens_a_month,
           p.created_at, p.changed_at,
           (SELECT coalesce(sum(coalesce(u.input_tokens + u.output_tokens, u.reserved_tokens)), 0)::bigint
            FROM answer_use u
            WHERE u.provider_tenant_id = p.tenant_id AND u.provider_id = p.provider_id
              AND u.at >= date_trunc('month', now(), 'UTC')) AS tokens_this_month
    FROM provider p WHERE p.deleted_at IS NULL
"""
_ONE: Final = _COLUMNS + " AND p.provider_id = %(provider_id)s"
_PAGE: Final = (
    _COLUMNS
    + """ AND (%(before)s::uuid IS NULL OR p.provider_id < %(before)s) ORDER BY p.provider_id DESC LIMIT %(limit)s"""
)
_LOCK: Final = "SELECT FROM provider WHERE provider_id = %(provider_id)s AND deleted_at IS NULL FOR UPDATE"
_INSERT: Final = """
    INSERT INTO provider (tenant_id, provider_id, name, kind, base_url, region, model, sealed_key, temperature,
                          most_tokens, rank, enabled, tokens_a_month)
    VALUES (%(tenant_id)s, %(provider_id)s, %(name)s, %(kind)s, %(base_url)s, %(region)s, %(model)s, %(sealed_key)s,
            %(temperature)s, %(most_tokens)s, %(rank)s, %(enabled)s, %(tokens_a_month)s)
"""
_CHANGE: Final = """
    UPDATE provider
    SET name = %(name)s, base_url = %(base_url)s, model = %(model)s, temperature = %(temperature)s,
        most_tokens = %(most_tokens)s, rank = %(rank)s, enabled = %(enabled)s, tokens_a_month = %(tokens_a_month)s,
        sealed_key = CASE WHEN %(keeps_key)s THEN sealed_key ELSE %(sealed_key)s END, changed_at = now()
    WHERE provider_id = %(provider_id)s
"""
_DELETE: Final = """
    UPDATE provider SET deleted_at = now(), changed_at = now(), enabled = false, sealed_key = NULL
    WHERE provider_id = %(provider_id)s AND deleted_at IS NULL
"""
# One that is under way is not begun again, unless whoever does it was killed.
_ASK_TEST: Final = """
    INSERT INTO provider_test AS t (tenant_id, provider_id, test_id)
    SELECT tenant_id, provider_id, %(test_id)s FROM provider WHERE provider_id = %(provider_id)s
    ON CONFLICT (tenant_id, provider_id) DO UPDATE
        SET test_id = excluded.test_id, asked_at = now(), finished_at = NULL, result = NULL
        WHERE t.finished_at IS NOT NULL OR t.asked_at < now() - interval '2 minutes'
"""
_TEST: Final = """
    SELECT t.test_id, t.provider_id, t.asked_at, t.finished_at, t.result
    FROM provider_test t JOIN provider p USING (tenant_id, provider_id)
    WHERE t.provider_id = %(provider_id)s AND p.deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class TestRow:
    """The newest test of a provider. result: None before it is over."""

    test_id: UUID
    provider_id: UUID
    asked_at: datetime
    finished_at: datetime | None
    result: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider that is not deleted, with what it was used for this month."""

    provider_id: UUID
    name: str
    kind: Kind
    base_url: str
    region: str | None
    model: str
    has_key: bool
    temperature: float | None
    most_tokens: int
    rank: int
    enabled: bool
    tokens_a_month: int | None
    created_at: datetime
    changed_at: datetime
    tokens_this_month: int


async def insert(db: Db, columns: Mapping[str, Any]) -> None:
    """Add a provider. Raises ProviderNameTaken."""
    await _write(db, _INSERT, columns)


async def provider(db: Db, provider_id: UUID, *, lock: bool = False) -> ProviderRow:
    """One provider. lock: for as long as the transaction. Raises ProviderNotFound."""
    if lock:
        await db.execute(_LOCK, {"provider_id": provider_id})
    async with db.cursor(row_factory=class_row(ProviderRow)) as cursor:
        row = await (await cursor.execute(_ONE, {"provider_id": provider_id})).fetchone()
    if row is None:
        raise ProviderNotFound
    return row


async def providers(db: Db, *, before: UUID | None, limit: int) -> list[ProviderRow]:
    """Some providers, the newest first."""
    async with db.cursor(row_factory=class_row(ProviderRow)) as cursor:
        return await (await cursor.execute(_PAGE, {"before": before, "limit": limit})).fetchall()


async def change(db: Db, columns: Mapping[str, Any], *, sealed_key: bytes | None, keeps_key: bool) -> None:
    """Write all columns of a provider that may change. keeps_key: whether its key stays. Raises ProviderNameTaken."""
    await _write(db, _CHANGE, {**columns, "sealed_key": sealed_key, "keeps_key": keeps_key})


async def delete(db: Db, provider_id: UUID) -> None:
    """Remove a provider, and its key for good. Raises ProviderNotFound."""
    if (await db.execute(_DELETE, {"provider_id": provider_id})).rowcount == 0:
        raise ProviderNotFound


async def ask_test(db: Db, provider_id: UUID, test_id: UUID) -> bool:
    """Begin a test of a provider that there is. False when one is under way."""
    return (await db.execute(_ASK_TEST, {"provider_id": provider_id, "test_id": test_id})).rowcount == 1


async def test(db: Db, provider_id: UUID) -> TestRow:
    """The newest test of a provider. Raises ProviderNotTested."""
    async with db.cursor(row_factory=class_row(TestRow)) as cursor:
        row = await (await cursor.execute(_TEST, {"provider_id": provider_id})).fetchone()
    if row is None:
        raise ProviderNotTested
    return row


async def _write(db: Db, statement: LiteralString, values: Mapping[str, Any]) -> None:
    try:
        await db.execute(statement, values)
    except UniqueViolation as error:
        raise ProviderNameTaken from error
