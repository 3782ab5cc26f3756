"""The database of the stack: made, migrated, and its addresses for each service."""

import asyncio
import hashlib
import importlib.util
import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote, urlsplit, urlunsplit

from sightglass_embedded.one_shot import output_of
from sightglass_embedded.private_file import kept_secret, replace_private
from sightglass_embedded.process import Command, Process

NAME: Final = "sightglass"


class Database:
    """The database that `owner_url` gives the address of; what we remember of it lies in `folder`.

    environ: the environment for the migration.
    """

    def __init__(self, owner_url: Callable[[], str], folder: Path, environ: Mapping[str, str]) -> None:
        self._owner_url = owner_url
        self._folder = folder
        self._environ = environ

    def url_for(self, role: str) -> str:
        """The address with which a service logs in as its own role."""
        parts = urlsplit(self._owner_url())
        place = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{role}:{quote(self._role_password(), safe='')}@{place}"))

    @property
    def place(self) -> str:
        """Host, port and name, without any password."""
        parts = urlsplit(self._owner_url())
        return f"{parts.netloc.rpartition('@')[2]}{parts.path}"

    async def create(self, maintenance_url: str) -> None:
        """Create the database where there is none yet. Raises psycopg.Error."""
        from psycopg import AsyncConnection, sql  # noqa: PLC0415  # imported while the server starts

        async with await AsyncConnection.connect(maintenance_url, autocommit=True) as db:
            found = await db.execute("SELECT FROM pg_database WHERE datname = %s", [NAME])
            if await found.fetchone() is None:
                await db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))

    async def migrate(self) -> None:
        """Bring the schema to the newest revision and set the roles' passwords, unless that was done.

        What is remembered is the revision with a digest of the migrations, so that a start that changes
        nothing need not load the migration tool. Raises CommandFailed.
        """
        digest = await asyncio.to_thread(_digest_of_migrations)
        revision = await self._revision()
        if revision is not None and self._remembered() == {"revision": revision, "digest": digest}:
            return
        own = {"SIGHTGLASS_MIGRATE_URL": self._owner_url(), "SIGHTGLASS_ROLE_PASSWORD": self._role_password()}
        command = Command(
            argv=(sys.executable, "-m", "sightglass_common.migrations", "upgrade"),
            env={**self._environ, **own},
        )
        await output_of("The migration", partial(Process.start, command))
        done = {"revision": await self._revision(), "digest": digest}
        replace_private(self._folder / "migrated.json", json.dumps(done).encode())

    def _role_password(self) -> str:
        return kept_secret(self._folder / "role-password")

    def _remembered(self) -> dict[str, Any]:
        try:
            return cast("dict[str, Any]", json.loads((self._folder / "migrated.json").read_bytes()))
        except (FileNotFoundError, ValueError):
            return {}

    async def _revision(self) -> str | None:
        from psycopg import AsyncConnection  # noqa: PLC0415  # as in create()

        async with await AsyncConnection.connect(self._owner_url()) as db:
            found = await (await db.execute("SELECT to_regclass('alembic_version') IS NOT NULL")).fetchone()
            if found is None or not found[0]:
                return None
            row = await (await db.execute("SELECT version_num FROM alembic_version")).fetchone()
        return None if row is None else str(row[0])


def _digest_of_migrations() -> str:
    spec = importlib.util.find_spec("sightglass_common")
    digest = hashlib.sha256()
    for root in (spec.submodule_search_locations or []) if spec else []:
        for path in sorted((Path(root) / "migrations").rglob("*")):
            if path.suffix in {".py", ".sql"}:
                digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
