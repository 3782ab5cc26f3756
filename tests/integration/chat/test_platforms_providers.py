"""Providers of the platform: asked after a tenant's own, for each tenant within a budget of its own."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from psycopg.sql import SQL, Identifier
from tests.fakes.llm import FakeModels
from tests.fakes.serving import Reply
from tests.integration.chat.library import Library
from tests.integration.chat.test_generating import HANDBOOK, QUESTION

from sightglass_chat.generating import Generator
from sightglass_common.db import tenant_transaction
from sightglass_common.ids import PLATFORM_TENANT


@pytest.fixture
async def platform(library: Library) -> AsyncGenerator[Library]:
    """The tenant whose providers are there for all; they are gone behind the test, as others have the database too."""
    async with library.admin.connection() as db:
        await db.execute(
            "INSERT INTO tenant (tenant_id, name) VALUES (%s, 'platform') ON CONFLICT DO NOTHING", [PLATFORM_TENANT]
        )
    yield replace(library, tenant_id=PLATFORM_TENANT)
    async with library.admin.connection() as db:
        await db.execute("DELETE FROM provider_test WHERE tenant_id = %s", [PLATFORM_TENANT])
        for table in (Identifier("answer_use"), Identifier("answer_record")):
            await db.execute(SQL("DELETE FROM {} WHERE provider_tenant_id = %s").format(table), [PLATFORM_TENANT])
        await db.execute("DELETE FROM provider WHERE tenant_id = %s", [PLATFORM_TENANT])


async def test_the_platforms_are_asked_after_a_tenants_own_and_counted_for_each_tenant(
    fake: FakeModels, generator: Generator, library: Library, other: Library, platform: Library
) -> None:
    provider_id = await platform.provider(fake, "openai", rank=0, most_tokens=100, tokens_a_month=700)
    await library.provider(fake, "anthropic", rank=9)
    for one in (library, other):
        await one.indexed(HANDBOOK)
    fake.replies.extend([Reply(401)])
    turn = await library.ask(QUESTION, generator=generator)
    assert (turn["usage"]["generated"], fake.requests) == (True, ["/v1/messages", "/v1/chat/completions"])
    assert [use[3] for use in await library.uses()] == ["failed", "done"]
    async with tenant_transaction(library.chat, library.tenant_id) as db:
        noted = await (await db.execute("SELECT platform, provider_id FROM answer_record")).fetchall()
    assert noted == [(True, provider_id)]
    async with library.admin.connection() as db:
        await db.execute(
            "UPDATE answer_use SET input_tokens = 690 WHERE tenant_id = %s AND platform", [library.tenant_id]
        )
    fake.replies.extend([Reply(401)])
    assert (await library.ask(QUESTION, generator=generator))["usage"]["reason"] == "budget_spent"
    assert (await other.ask(QUESTION, generator=generator))["usage"]["generated"], "another tenant's use was counted"
    async with tenant_transaction(library.chat, other.tenant_id) as db:
        seen = await (await db.execute("SELECT tenant_id, provider_id FROM provider")).fetchall()
    assert seen == [(PLATFORM_TENANT, provider_id)], "a tenant's own providers are another's to see"


async def test_one_of_the_platform_is_tested_as_any_other(
    fake: FakeModels, generator: Generator, library: Library, platform: Library
) -> None:
    shown = await platform.tested(await platform.provider(fake, "bedrock"), generator)
    assert (shown["works"], await library.uses()) == (True, [])


async def test_no_bot_of_a_tenant_puts_the_platforms_before_its_own(
    fake: FakeModels, generator: Generator, library: Library, platform: Library
) -> None:
    await platform.provider(fake, "openai", rank=0)
    await library.provider(fake, "anthropic", rank=9)
    await library.indexed(HANDBOOK)
    conversation = await library.conversation(await library.bot(system_prompt="Be brief."))
    await library.answered(await library.asked(conversation, QUESTION), generator=generator)
    assert [seen.kind for seen in fake.seen] == ["anthropic"]
