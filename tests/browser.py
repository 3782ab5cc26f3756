"""A real browser for tests: Chromium, spoken to by its own protocol over a socket."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import websockets

FOUND: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_SWITCHES: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
)  # fmt: skip
_START_S: Final = 60.0
_WAIT_MS: Final = 60_000  # on a machine that does much else


@dataclass
class Tab:
    """A page. errors: what went wrong in its scripts, or was said on its console as an error."""

    socket: websockets.ClientConnection
    session: str
    errors: list[str] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: count(1))

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Do what a method of the protocol does; its result."""
        number = next(self._numbers)
        await self.socket.send(
            json.dumps({"id": number, "method": method, "params": params, "sessionId": self.session})
        )
        while True:
            told = json.loads(await self.socket.recv())
            if told.get("id") == number:
                assert "error" not in told, told
                return told["result"]
            self._note(told)

    def _note(self, told: dict[str, Any]) -> None:
        params = told.get("params", {})
        if told.get("method") == "Runtime.exceptionThrown":
            self.errors.append(params["exceptionDetails"]["exception"].get("description", ""))
        elif told.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"])

    async def run(self, script: str) -> Any:
        """The value of an expression, awaited."""
        done = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    async def until(self, script: str) -> Any:
        """The value of an expression, once there is one; looked for again and again."""
        return await self.run(
            f"""new Promise((resolve, reject) => {{
                const end = Date.now() + {_WAIT_MS};
                const look = () => {{
                    const value = {script};
                    if (value) resolve(value);
                    else if (Date.now() > end) reject(new Error("it never came"));
                    else setTimeout(look, 10);
                }};
                look();
            }})"""
        )

    async def press(self, key: str, *, text: str = "") -> None:
        """Press a key where the focus is."""
        code = {"Enter": 13, "Escape": 27, "Tab": 9}[key]
        same: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **same)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **same)

    async def write(self, text: str) -> None:
        """Write where the focus is."""
        await self.call("Input.insertText", text=text)


@asynccontextmanager
async def a_tab(url: str) -> AsyncGenerator[Tab]:
    """A page at an address, in a browser of its own."""
    assert FOUND
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            FOUND, *_SWITCHES, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with websockets.connect(await _address(Path(profile)), max_size=None) as socket:
                yield await _opened(socket, url)
        finally:
            process.terminate()
            await process.wait()


async def _address(profile: Path) -> str:
    """Where the browser listens, which it writes down when it does."""
    async with asyncio.timeout(_START_S):
        while True:
            lines = (profile / "DevToolsActivePort").read_text("utf-8").split() if _listens(profile) else []
            if len(lines) == 2:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            await asyncio.sleep(0.02)


def _listens(profile: Path) -> bool:
    return (profile / "DevToolsActivePort").exists()


async def _opened(socket: websockets.ClientConnection, url: str) -> Tab:
    target = await _of_browser(socket, "Target.createTarget", url="about:blank")
    attached = await _of_browser(socket, "Target.attachToTarget", targetId=target["targetId"], flatten=True)
    tab = Tab(socket, attached["sessionId"])
    for domain in ("Page", "Runtime", "Log"):
        await tab.call(f"{domain}.enable")
    await tab.call("Page.navigate", url=url)
    await tab.until("document.readyState === 'complete'")
    return tab


async def _of_browser(socket: websockets.ClientConnection, method: str, **params: Any) -> dict[str, Any]:
    await socket.send(json.dumps({"id": 0, "method": method, "params": params}))
    while True:
        told = json.loads(await socket.recv())
        if told.get("id") == 0:
            return told["result"]
