"""The commands that make tenants, keys and bucket links. What they print is their answer: a key is shown once."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import psycopg

from sightglass_api.permissions import Role
from sightglass_api.tenants import administration
from sightglass_common.db import Pool, open_pool
from sightglass_common.errors import SightglassError
from sightglass_common.settings import Settings, from_environment

T = TypeVar("T")


def create_tenant(name: str, role: str, *, as_json: bool) -> None:
    """Make a tenant with its first key, and print both."""
    tenant_id, key = _run(lambda pool, _: administration.create_tenant(pool, name, Role(role)))
    _print({"tenant_id": str(tenant_id), "api_key": str(key)}, as_json=as_json)


def create_key(tenant_id: UUID, name: str, role: str, *, as_json: bool) -> None:
    """Make a further key, and print it."""
    key = _run(lambda pool, _: administration.create_key(pool, tenant_id, name=name, role=Role(role)))
    _print({"key_id": key.key_id, "api_key": str(key)}, as_json=as_json)


def revoke_key(tenant_id: UUID, key_id: str) -> None:
    """End a key."""
    _run(lambda pool, _: administration.revoke_key(pool, tenant_id, key_id))
    _say(f"The key {key_id} admits nobody any more.")


def link_bucket(tenant_id: UUID, bucket: str) -> None:
    """Link a bucket to a tenant."""
    _run(lambda pool, own: administration.link_bucket(pool, tenant_id, bucket, platforms_own=own))
    _say(f"Objects of {bucket} can be analysed by {tenant_id}.")


def unlink_bucket(tenant_id: UUID, bucket: str) -> None:
    """Take a bucket from a tenant."""
    _run(lambda pool, _: administration.unlink_bucket(pool, tenant_id, bucket))
    _say(f"Objects of {bucket} can no more be analysed by {tenant_id}.")


def _run(work: Callable[[Pool, str], Awaitable[T]]) -> T:
    """Do `work` with the database and the platform's bucket; what cannot be done ends the process with a sentence."""
    settings = from_environment(Settings)

    async def run() -> T:
        url = settings.database_url.get_secret_value()
        async with open_pool(url, name="sightglass-api-command", max_size=1) as pool:
            return await work(pool, settings.bucket)

    try:
        return asyncio.run(run())
    except SightglassError as error:
        raise SystemExit(f"{error.code}: {error.detail}") from error
    except psycopg.OperationalError as error:
        raise SystemExit(f"The database does not answer: {error}") from error


def _print(values: dict[str, str], *, as_json: bool) -> None:
    _say(json.dumps(values) if as_json else "\n".join(f"{name}: {value}" for name, value in values.items()))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
