""".sightglass/env: where the client finds the stack and its API key."""

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from sightglass_embedded.one_shot import CommandFailed, output_of
from sightglass_embedded.private_file import replace_private
from sightglass_embedded.process import Start
from sightglass_embedded.readiness import http_status


class NoApiKey(RuntimeError):
    """The API did not make a tenant with its key."""


def read_env(path: Path) -> dict[str, str]:
    """The variables in an env file; empty if there is none."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name.strip(): value.strip() for name, mark, value in (line.partition("=") for line in lines) if mark}


def write_env(path: Path, *, url: str, api_key: str) -> None:
    """Replace the env file, mode 0600."""
    replace_private(path, f"SIGHTGLASS_URL={url}\nSIGHTGLASS_API_KEY={api_key}\n".encode())


async def still_valid(port: int, api_key: str) -> bool:
    """Whether the API takes this key."""
    return await http_status(port, "/v1/jobs", headers={"Authorization": f"Bearer {api_key}"}) == 200


class Owner:
    """The tenant of whoever runs this stack, and its keys.

    folder: remembers the tenant. command: gives the start of the API's command line with some words.
    """

    def __init__(self, folder: Path, command: Callable[..., Start]) -> None:
        self._name = folder.name
        self._remembered = folder / "tenant.json"
        self._command = command

    async def new_key(self) -> str:
        """A new key of the tenant, which is made where there is none. Raises NoApiKey, CommandFailed."""
        tenant_id = self._tenant_id()
        if tenant_id is not None:
            with suppress(CommandFailed):  # the database is another one now: a new tenant, then
                return (await self._asked("keys", "create", "--tenant", tenant_id))["api_key"]
        try:
            made = await self._asked("tenants", "create", self._name)
        except CommandFailed:  # the name is taken by a tenant that we do not remember
            made = await self._asked("tenants", "create", f"{self._name}-{secrets.token_hex(3)}")
        replace_private(self._remembered, json.dumps({"tenant_id": made["tenant_id"]}).encode())
        return made["api_key"]

    async def link(self, bucket: str) -> None:
        """Let the tenant look into a bucket. Raises CommandFailed, NoApiKey before the first key was made."""
        tenant_id = self._tenant_id()
        if tenant_id is None:
            raise NoApiKey("There is no tenant to link a bucket to.")
        await output_of("Linking a bucket", self._command("buckets", "link", "--tenant", tenant_id, bucket))

    def _tenant_id(self) -> str | None:
        try:
            return str(json.loads(self._remembered.read_bytes())["tenant_id"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    async def _asked(self, *words: str) -> dict[str, str]:
        # Who runs the machine runs the platform: the key may look into queues, too.
        command = self._command(*words, "--role", "platform_admin", "--json")
        for line in await output_of("Making an API key", command):  # kept out of all logs
            if line.startswith("{") and '"api_key"' in line:
                return {str(name): str(value) for name, value in cast("dict[str, Any]", json.loads(line)).items()}
        raise NoApiKey("The API's command line printed no API key.")
