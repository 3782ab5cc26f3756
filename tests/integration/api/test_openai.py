"""The face of OpenAI's chat completions, spoken to by its own client."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx2
import openai
import pytest
from fastapi import FastAPI
from tests.integration.api.people import Person
from tests.integration.api.test_bots import a_bot
from tests.integration.api.test_conversations import answered
from tests.stack import Database

from sightglass_common.db import Pool, tenant_transaction

CITATION = {
    "n": 1, "segment_id": f"{uuid4()}-0", "dataset_id": str(uuid4()), "document_id": str(uuid4()), "document_ref": None,
    "title": "Pumps", "locator": {"kind": "text", "line": 1}, "snippet": "The red one.",
}  # fmt: skip
USAGE = {"model": "sightglass/extractive", "input_tokens": 3, "output_tokens": 4, "generated": False}
ANSWER: list[tuple[str, dict[str, Any]]] = [
    ("retrieval", {"results": []}), ("delta", {"text": "The red"}), ("delta", {"text": " one. [1]"}),
    ("citation", CITATION), ("usage", USAGE), ("done", {"answered": True}),
]  # fmt: skip
ASKED: Any = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Which pump of 536-22-4399?"},
    {"role": "assistant", "content": "Which hall?"},
    {"role": "user", "content": [{"type": "text", "text": "Which valve of ann@example.com?"}]},
]


def client(key: str, app: FastAPI) -> openai.AsyncOpenAI:
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app))
    return openai.AsyncOpenAI(api_key=key, base_url="http://test.example.com/v1", http_client=http, max_retries=0)


@asynccontextmanager
async def chat_answers(database: Database, person: Person, bot: dict[str, str]) -> AsyncGenerator[list[str]]:
    """As chat would, with the next question to a bot; gives what was asked."""
    questions: list[str] = []

    async def answer() -> None:
        turns: list[dict[str, Any]] = []
        while not turns:
            found = (await person.get("/v1/conversations")).json()["items"]
            (newest,) = [one for one in found if one["bot_id"] == bot["bot_id"]][:1] or [None]
            if newest:
                turns = (await person.get(f"/v1/conversations/{newest['conversation_id']}/turns")).json()["items"]
        questions.append(turns[0]["question"])
        async with database.pool("chat") as pool, pool.connection() as db, db.transaction():
            await db.execute("SELECT set_config('app.tenant_id', %s, true)", [str(person.tenant_id)])
            found = await db.execute("SELECT job_id FROM turn WHERE turn_id = %s", [turns[0]["turn_id"]])
            (job_id,) = await found.fetchone() or ("",)
        await answered(database, person, {"turn_id": turns[0]["turn_id"], "job_id": job_id}, *ANSWER)

    working = asyncio.create_task(answer())
    yield questions
    await working


async def test_a_bot_is_a_model(alice: Person, app: FastAPI, mallory: Person) -> None:
    bot = await a_bot(alice)
    assert bot["name"] in [model.id async for model in client(alice.key, app).models.list()]
    assert (await client(alice.key, app).models.retrieve(bot["name"])).owned_by == "sightglass"
    with pytest.raises(openai.NotFoundError) as refused:
        await client(mallory.key, app).models.retrieve(bot["name"])
    assert refused.value.code == "bot_not_found"


async def test_an_answer_comes_whole_with_its_citations(
    alice: Person, app: FastAPI, database: Database, api_pool: Pool
) -> None:
    bot = await a_bot(alice)
    async with chat_answers(database, alice, bot) as questions:
        done = await client(alice.key, app).chat.completions.create(
            model=bot["name"], messages=ASKED, temperature=0.2, max_tokens=50, user="u-1"
        )
    assert questions == ["Which valve of [EMAIL#1]?"]
    async with tenant_transaction(api_pool, alice.tenant_id) as db:
        found = await db.execute(
            "SELECT earlier, temperature, most_tokens FROM turn t WHERE turn_id = %s",
            [done.id.removeprefix("chatcmpl-")],
        )
        assert await found.fetchone() == ([["Which pump of [US_SSN#1]?", "Which hall?"]], 0.2, 50)
    assert (done.choices[0].message.content, done.choices[0].finish_reason) == ("The red one. [1]", "stop")
    assert done.usage is not None
    assert (done.usage.prompt_tokens, done.usage.total_tokens) == (3, 7)
    more = done.model_extra or {}
    assert (more["citations"][0]["snippet"], more["generated"]) == ("The red one.", False)
    assert (await alice.get(f"/v1/conversations/{more['conversation_id']}")).json()["bot_id"] == bot["bot_id"]


async def test_an_answer_is_streamed_in_chunks_with_usage_where_it_is_asked_for(
    alice: Person, app: FastAPI, database: Database
) -> None:
    bot = await a_bot(alice)
    async with chat_answers(database, alice, bot):
        stream = await client(alice.key, app).chat.completions.create(
            model=bot["name"], messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    said = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(said) == "The red one. [1]"
    *_, last, usage = chunks
    assert last.choices[0].finish_reason == "stop"
    assert (last.model_extra or {})["citations"] == [CITATION]
    assert usage.usage is not None
    assert usage.usage.completion_tokens == 4


async def test_a_question_that_is_cancelled_ends_the_stream_with_an_error(alice: Person, app: FastAPI) -> None:
    bot = await a_bot(alice)
    stream = asyncio.create_task(
        client(alice.key, app).chat.completions.create(model=bot["name"], messages=ASKED, stream=True)
    )
    turns: list[dict[str, Any]] = []
    while not turns:
        for one in (await alice.get("/v1/conversations")).json()["items"]:
            if one["bot_id"] == bot["bot_id"]:
                path = f"/v1/conversations/{one['conversation_id']}/turns"
                turns = (await alice.get(path)).json()["items"]
                await alice.post(f"{path}/{turns[0]['turn_id']}/cancel")
    with pytest.raises(openai.APIError) as ended:
        [chunk async for chunk in await stream]
    assert ended.value.code == "cancelled"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"messages": []}, "/messages"),
        ({"messages": [{"role": "system", "content": "Be brief."}]}, "/messages"),
        ({"messages": [{"role": "user", "content": "x" * 4001}]}, "/messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}]}]}, "/messages"),
        ({"n": 2}, "/n"),
        ({"tools": [{"type": "function"}]}, "/tools"),
    ],
)
async def test_what_a_bot_cannot_do_is_refused_in_openais_form(alice: Person, body: dict[str, Any], where: str) -> None:
    answer = await alice.post("/v1/chat/completions", {"model": "any", "messages": ASKED} | body)
    assert (answer.status_code, answer.json().keys()) == (422, {"error"})
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "invalid_request")
    assert error["message"].startswith(where)


async def test_a_wrong_key_is_told_in_openais_form(app: FastAPI, alice: Person) -> None:
    with pytest.raises(openai.AuthenticationError):
        await client("sg_wrong", app).models.list()
    with pytest.raises(openai.NotFoundError):
        await client(alice.key, app).chat.completions.create(model="no such bot", messages=ASKED)
