"""The ledger: each answer once, with what it took, whoever wrote it and however often its message comes."""

from decimal import Decimal
from typing import Any

import pytest
from psycopg import sql
from psycopg.rows import dict_row
from tests.fakes.llm import MODEL, FakeModels
from tests.integration.chat.library import Library
from tests.integration.chat.test_generating import HANDBOOK, QUESTION

from sightglass_chat.generating import Generator
from sightglass_common.errors import JobOver


async def rows(library: Library, table: str, order: str = "turn_id") -> list[dict[str, Any]]:
    query = sql.SQL("SELECT * FROM {} WHERE tenant_id = %s ORDER BY {}")
    named = query.format(sql.Identifier(table), sql.Identifier(order))
    async with library.admin.connection() as db, db.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(named, [library.tenant_id])).fetchall()


async def test_an_answer_is_in_the_ledger_once_however_often_its_message_comes(library: Library) -> None:
    await library.indexed(HANDBOOK)
    conversation = await library.conversation()
    envelope = await library.asked(conversation, QUESTION)
    await library.answered(envelope)
    with pytest.raises(JobOver):
        await library.answered(envelope)
    (row,) = await rows(library, "answer_record")
    facts = [
        row[name] for name in ("turn_id", "provider_id", "model", "generated", "answered", "retrieved", "withheld")
    ]
    assert facts == [envelope.message.turn_id, None, "sightglass/extractive", False, True, 2, 0]
    assert 0 < row["first_event_us"] <= row["whole_us"]
    async with library.admin.connection() as db:
        found = await db.execute("SELECT key_id FROM conversation WHERE conversation_id = %s", [conversation])
        assert await found.fetchone() == (row["key_id"],)
        await db.execute("DELETE FROM conversation WHERE conversation_id = %s", [conversation])
    assert await rows(library, "answer_record") == [row], "it stays when the conversation goes"


async def test_a_models_answer_is_its_providers_at_the_price_of_then(
    fake: FakeModels, generator: Generator, library: Library
) -> None:
    await library.indexed(HANDBOOK)
    broken = await library.provider(fake, "openai", rank=1)
    wrote = await library.provider(fake, "anthropic", rank=2)
    async with library.admin.connection() as db:
        await db.execute("INSERT INTO provider_price VALUES (%s, %s, 2.5, 10)", [library.tenant_id, wrote])
    fake.faults.append("error")
    turn = await library.ask(QUESTION, generator=generator)
    async with library.admin.connection() as db:
        await db.execute("UPDATE provider_price SET input_price = 99 WHERE provider_id = %s", [wrote])
    (row,) = await rows(library, "answer_record")
    assert (row["provider_id"], row["model"], row["generated"]) == (wrote, MODEL, True)
    first, second = await rows(library, "answer_use", "use_id")
    assert (first["provider_id"], first["input_price"], first["outcome"]) == (broken, None, "failed")
    assert (second["input_price"], second["output_price"]) == (Decimal("2.5"), Decimal(10))
    assert {call["key_id"] for call in (first, second)} == {row["key_id"]}
    assert (second["input_tokens"], turn["usage"]["input_tokens"]) == (11, 11)


async def test_what_an_earlier_attempt_told_first_is_the_first_event(library: Library) -> None:
    await library.indexed(HANDBOOK)
    envelope = await library.asked(await library.conversation(), QUESTION)
    async with library.admin.connection() as db:
        await db.execute(
            "UPDATE turn SET first_told_at = created_at + interval '1 microsecond' WHERE turn_id = %s",
            [envelope.message.turn_id],
        )
    await library.answered(envelope)
    (row,) = await rows(library, "answer_record")
    assert row["first_event_us"] == 1 < row["whole_us"]
