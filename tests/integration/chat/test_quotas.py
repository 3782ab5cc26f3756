"""Quotas of tokens: what all of a tenant's providers take together, or for a bot or a key."""

import asyncio

from tests.fakes.llm import FakeModels
from tests.integration.chat.library import Library
from tests.integration.chat.test_generating import HANDBOOK, QUESTION
from tests.stack import Database

from sightglass_chat import ledger_queries, provider_queries, quota_queries
from sightglass_chat.generating import Generator
from sightglass_chat.provider_queries import Manner
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.ids import new_id


async def limited(library: Library, tokens: int, key_id: str | None = None) -> None:
    async with library.admin.connection() as db:
        await db.execute(
            "INSERT INTO quota (tenant_id, quota_id, key_id, tokens_a_month) VALUES (%s, %s, %s, %s)",
            [library.tenant_id, new_id(), key_id, tokens],
        )


async def test_providers_asked_at_once_never_take_more_together_than_a_quota_has(
    fake: FakeModels, library: Library, database: Database
) -> None:
    for _ in range(2):
        await library.provider(fake, "openai")
    async with tenant_transaction(library.chat, library.tenant_id) as db:
        providers = await provider_queries.chain(db, Manner())
    turn_id = (await library.asked(await library.conversation(), QUESTION)).message.turn_id
    await limited(library, 1050)

    async def one(pool: Pool, number: int) -> bool:
        async with tenant_transaction(pool, library.tenant_id) as db:
            if not await quota_queries.suffice(db, turn_id, 100):
                return False
            use_id = new_id()
            reserved = await provider_queries.reserve(db, use_id, turn_id, providers[number % 2], 100)
            await ledger_queries.called(db, use_id)
            return reserved

    async with database.pool("chat", max_size=50) as pool:
        assert sum(await asyncio.gather(*(one(pool, number) for number in range(50)))) == 10


async def test_without_tokens_the_sources_answer_and_other_keys_have_their_own(
    fake: FakeModels, generator: Generator, library: Library
) -> None:
    await library.indexed(HANDBOOK)
    await library.provider(fake, "openai")
    poor, rich = [await library.conversation() for _ in range(2)]
    async with library.admin.connection() as db:
        found = await db.execute("SELECT key_id FROM conversation WHERE conversation_id = %s", [poor])
        (key_id,) = await found.fetchone() or ("",)
    await limited(library, 500, key_id)
    turns = [await library.answered(await library.asked(one, QUESTION), generator=generator) for one in (poor, rich)]
    assert [turn["usage"]["reason"] for turn in turns] == ["budget_spent", None]
    assert [turn["usage"]["generated"] for turn in turns] == [False, True]
    assert turns[0]["answered"]
    assert len(fake.requests) == 1
