"""Visitors of pages in the open: what a publishable key lets them do, from where, and what nobody but one sees."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from tests.integration.api.people import Person, client_for
from tests.integration.api.test_access import GUARDED, call
from tests.integration.api.test_bots import a_bot
from tests.integration.api.test_conversations import answered, begun, events_of
from tests.integration.api.test_openai import ANSWER
from tests.integration.api.test_requests import is_problem
from tests.stack import Database

from sightglass_api import keys
from sightglass_common.db import Pool

SHOP, LOCAL, EVIL = "https://shop.example.com", "http://localhost:5173", "https://evil.example.com"


@dataclass(frozen=True)
class Page:
    """A page of an origin with a key, and one visitor of it."""

    key: str
    http: httpx.AsyncClient
    origin: str = SHOP
    secret: str = ""

    async def send(self, method: str, path: str = "", body: object = None, **headers: str) -> httpx.Response:
        mine = {"Origin": self.origin} | ({"X-Visitor-Secret": self.secret} if self.secret else {})
        return await self.http.request(method, f"/v1/widget/{self.key}{path}", json=body, headers=mine | headers)

    async def begin(self, question: str = "Which valve?") -> tuple["Page", dict[str, str]]:
        """The visitor with a conversation, and its first turn."""
        taken = await self.send("POST", "/conversations", {"question": question})
        assert taken.status_code == 202, taken.text
        return replace(self, secret=taken.json()["visitor_secret"]), taken.json()


def turn_path(turn: dict[str, str]) -> str:
    return f"/conversations/{turn['conversation_id']}/turns/{turn['turn_id']}"


async def published(person: Person, bot: dict[str, str], **changed: object) -> dict[str, Any]:
    made = await person.post(f"/v1/bots/{bot['bot_id']}/publishable-keys", {"origins": [SHOP, LOCAL]} | changed)
    assert made.status_code == 201, made.text
    return made.json()


@pytest.fixture
async def bot(alice: Person) -> dict[str, str]:
    return await a_bot(alice, greeting="Ask me about pumps.")


@pytest.fixture
async def page(alice: Person, bot: dict[str, str], transport: httpx.ASGITransport) -> AsyncGenerator[Page]:
    async with client_for(transport, None) as http:
        yield Page((await published(alice, bot))["key"], http)


async def test_a_visitor_asks_follows_goes_on_and_stops(
    page: Page, alice: Person, bot: dict[str, str], database: Database
) -> None:
    assert (await page.send("GET")).json() == {"name": bot["name"], "greeting": "Ask me about pumps."}
    visitor, turn = await page.begin("Which valve of 536-22-4399?")
    await answered(database, alice, turn, *ANSWER)
    stream = await visitor.send("GET", f"{turn_path(turn)}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = events_of(stream.text)
    assert [(number, kind) for number, kind, _ in events] == [(2, "delta"), (3, "delta"), (4, "citation"), (6, "done")]
    # How it was found, and by which ids, is not for everybody.
    assert events[2][2] == {
        "n": 1, "title": "Pumps", "locator": {"kind": "text", "line": 1}, "snippet": "The red one."
    }  # fmt: skip
    rest = await visitor.send("GET", f"{turn_path(turn)}/events", **{"Last-Event-ID": "3"})
    assert [number for number, _, _ in events_of(rest.text)] == [4, 6]
    over = await visitor.send("GET", f"{turn_path(turn)}/events", **{"Last-Event-ID": "6"})
    assert (over.status_code, over.headers["access-control-allow-origin"]) == (204, SHOP)
    more = await visitor.send("POST", f"/conversations/{turn['conversation_id']}/turns", {"question": "And in hall 4?"})
    assert (more.status_code, more.json()["conversation_id"]) == (202, turn["conversation_id"])
    assert (await visitor.send("POST", f"{turn_path(more.json())}/cancel")).status_code == 204
    (ended,) = events_of((await visitor.send("GET", f"{turn_path(more.json())}/events")).text)
    assert ended[1:] == ("error", {"code": "cancelled", "retryable": False})


async def test_what_is_sensitive_in_a_visitors_question_is_never_stored(page: Page, admin: Pool) -> None:
    _, turn = await page.begin("Is 536-22-4399 the SSN of Ann?")
    async with admin.connection() as db:
        found = await db.execute("SELECT question FROM turn WHERE turn_id = %s", [turn["turn_id"]])
        assert await found.fetchone() == ("Is [US_SSN#1] the SSN of Ann?",)
        kept = await db.execute("SELECT v::text FROM visit v WHERE conversation_id = %s", [turn["conversation_id"]])
        assert turn["visitor_secret"] not in str(await kept.fetchone())


async def test_another_visitor_with_the_same_key_sees_nothing(page: Page, alice: Person) -> None:
    visitor, turn = await page.begin()
    other, own = await page.begin()
    unknown = {"conversation_id": str(uuid4()), "turn_id": str(uuid4())}
    mixed = {"conversation_id": own["conversation_id"], "turn_id": turn["turn_id"]}
    for method, tail, body in (("GET", "/events", None), ("POST", "/cancel", None)):
        for someone in (other, replace(page, secret="x"), replace(page, secret=turn["conversation_id"])):
            theirs = await someone.send(method, turn_path(turn) + tail, body)
            nobodys = await someone.send(method, turn_path(unknown) + tail, body)
            is_problem(theirs, 404, "conversation_not_found")
            assert said(theirs) == said(nobodys)
        is_problem(await other.send(method, turn_path(mixed) + tail, body), 404, "turn_not_found")
        is_problem(await page.send(method, turn_path(turn) + tail, body), 422, "invalid_request")
    asked = f"/conversations/{turn['conversation_id']}/turns"
    is_problem(await other.send("POST", asked, {"question": "And?"}), 404, "conversation_not_found")
    # Nor does a key of the tenant's.
    is_problem(await alice.get(f"/v1{asked}"), 404, "conversation_not_found")
    ours = (await begun(alice)).removeprefix("/v1")
    is_problem(await visitor.send("POST", f"{ours}/turns", {"question": "And?"}), 404, "conversation_not_found")


def said(answer: httpx.Response) -> dict[str, Any]:
    return answer.json() | {"request_id": "", "instance": ""}


async def test_only_pages_of_the_keys_origins_are_answered_and_may_read_that(page: Page) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-visitor-secret"}
    for origin in (SHOP, LOCAL):
        here = replace(page, origin=origin)
        for answer in (await here.send("GET"), await here.send("OPTIONS", "/conversations", None, **asks)):
            assert answer.is_success
            assert (answer.headers["access-control-allow-origin"], answer.headers["vary"]) == (origin, "Origin")
            assert "access-control-allow-credentials" not in answer.headers
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("content-type", "last-event-id", "x-visitor-secret"))
    for origin in (
        EVIL,
        "null",
        "",
        f"{SHOP}.evil.example.com",
        f"{SHOP}:8443",
        SHOP.upper(),
        "http://shop.example.com",
    ):
        elsewhere = replace(page, origin=origin)
        for answer in (
            await elsewhere.send("GET"),
            await elsewhere.send("OPTIONS", "/conversations", None, **asks),
            await elsewhere.send("POST", "/conversations", {"question": "Which?"}),
        ):
            is_problem(answer, 403, "forbidden")
            assert "access-control-allow-origin" not in answer.headers
            assert answer.headers["vary"] == "Origin"
    # What goes wrong afterwards the page may read as well.
    wrong = await page.send("POST", "/conversations", {"question": ""})
    is_problem(wrong, 422, "invalid_request")
    assert wrong.headers["access-control-allow-origin"] == SHOP


async def test_a_publishable_key_opens_nothing_else(transport: httpx.ASGITransport, page: Page) -> None:
    parsed = keys.parse(page.key)
    assert parsed
    # Also where somebody makes one of the API's of its parts.
    for key in (page.key, str(keys.ApiKey(parsed.key_id, parsed.secret))):
        async with client_for(transport, key) as http:
            for operation in GUARDED:
                names = re.findall(r"{(\w+)}", operation.path)
                answer = await call(http, operation, {name: str(uuid4()) for name in names if name != "name"})
                told = answer.json()
                assert (answer.status_code, told.get("error", told)["code"]) == (403, "forbidden"), operation


async def test_a_key_that_is_unknown_revoked_or_of_a_deleted_bot_admits_nobody(
    page: Page, alice: Person, mallory: Person, bot: dict[str, str]
) -> None:
    visitor, turn = await page.begin()
    other = await a_bot(alice)
    gone = replace(page, key=(await published(alice, other))["key"])
    await alice.http.delete(f"/v1/bots/{other['bot_id']}")
    path = f"/v1/bots/{bot['bot_id']}/publishable-keys"
    (listed,) = (await alice.get(path)).json()["items"]
    assert (listed["key"], listed["origins"], listed["questions_a_day"]) == (page.key, sorted([SHOP, LOCAL]), 1000)
    is_problem(await mallory.http.delete(f"{path}/{listed['key_id']}"), 404, "key_not_found")
    is_problem(await alice.http.delete(f"{path}/{alice.key_id}"), 404, "key_not_found")
    is_problem(
        await alice.http.delete(f"/v1/bots/{other['bot_id']}/publishable-keys/{listed['key_id']}"), 404, "key_not_found"
    )
    # An answer that is on its way ends with the key.
    following = asyncio.create_task(visitor.send("GET", f"{turn_path(turn)}/events"))
    assert (await alice.http.delete(f"{path}/{listed['key_id']}")).status_code == 204
    assert events_of((await following).text) == []
    assert (await alice.get(path)).json() == {"items": []}
    for key in (page.key, gone.key, str(keys.new_key(keys.PUBLISHABLE)), alice.key, "sgp_nonsense"):
        is_problem(await replace(visitor, key=key).send("GET"), 401, "unauthenticated")
    is_problem(await visitor.send("POST", "/conversations", {"question": "Which?"}), 401, "unauthenticated")


async def test_one_address_and_one_key_ask_only_so_often(
    page: Page, alice: Person, bot: dict[str, str], app: FastAPI, admin: Pool
) -> None:
    async def answers() -> tuple[list[int], list[httpx.Response]]:
        """Of fourteen questions from one network at once, then of four from others, one after the other."""
        few = replace(page, key=(await published(alice, bot, questions_a_day=12))["key"])

        async def ask(host: str) -> httpx.Response:
            someone = replace(few, http=client_for(httpx.ASGITransport(app, client=(host, 1)), None))
            return await someone.send("POST", "/conversations", {"question": "Which?"})

        at_once = await asyncio.gather(*(ask(f"2001:db8::{number}") for number in range(14)))
        return [one.status_code for one in at_once], [await ask(f"198.51.100.{number}") for number in range(4)]

    async def minute() -> object:
        async with admin.connection() as db:
            return await (await db.execute("SELECT date_trunc('minute', now())")).fetchone()

    began = await minute()
    at_once, others = await answers()
    if await minute() != began:  # it ended meanwhile, and with it what was counted: another is a minute long
        at_once, others = await answers()
    assert sorted(at_once) == [202] * 10 + [429] * 4
    assert [one.status_code for one in others] == [202, 202, 429, 429]
    is_problem(others[-1], 429, "rate_limited")
    assert (others[-1].headers["retry-after"], others[-1].headers["access-control-allow-origin"]) == ("3600", SHOP)


async def test_a_bot_that_names_its_pages_is_on_no_others(alice: Person, bot: dict[str, str], page: Page) -> None:
    path = f"/v1/bots/{bot['bot_id']}"
    assert (await alice.http.patch(path, json={"allowed_origins": [LOCAL]})).status_code == 200
    is_problem(await page.send("GET"), 403, "forbidden")
    assert (await replace(page, origin=LOCAL).send("GET")).status_code == 200
    is_problem(await alice.post(f"{path}/publishable-keys", {"origins": [SHOP]}), 422, "invalid_request")


@pytest.mark.parametrize("origin", ["*", "http://shop.example.com", "https://shop.example.com/x"])
async def test_an_origin_that_no_page_should_have_is_refused(alice: Person, bot: dict[str, str], origin: str) -> None:
    path = f"/v1/bots/{bot['bot_id']}/publishable-keys"
    is_problem(await alice.post(path, {"origins": [origin]}), 422, "invalid_request")


async def test_the_script_is_for_any_page_and_kept_for_a_while(transport: httpx.ASGITransport) -> None:
    async with client_for(transport, None) as http:
        script = await http.get("/widget.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert script.headers["cache-control"] == "public, max-age=300"
        same = await http.get("/widget.js", headers={"If-None-Match": script.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert all(word not in script.text for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"))
    assert json.dumps("eval(") not in script.text
