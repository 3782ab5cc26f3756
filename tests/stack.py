"""The real Postgres and the real LocalStack that a test session runs on, and a module's own share of both."""

import fcntl
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from types_aiobotocore_s3.client import S3Client

from sightglass_common.db import Pool, open_pool
from sightglass_common.migrations import run
from sightglass_common.provision import provision_bucket, provision_queues
from sightglass_common.sqs import Sqs
from sightglass_embedded.postgres import Postgres

ROLE_PASSWORD = "test"  # the servers listen on 127.0.0.1 and live as long as the session
TEMPLATE = "sightglass_template"


@dataclass(frozen=True, slots=True)
class Database:
    """A database of a test module's own, migrated; dropped with its server."""

    admin_url: str

    def url(self, role: str) -> str:
        """Its address for one of the services: "api", "relay" or "worker"."""
        user = f"sightglass_{role}:{ROLE_PASSWORD}"
        return f"postgresql://{user}@{self.admin_url.rpartition('@')[2]}"

    @asynccontextmanager
    async def pool(self, role: str, *, max_size: int = 8) -> AsyncGenerator[Pool]:
        """A pool as one of the services."""
        async with open_pool(self.url(role), name=f"test-{role}", max_size=max_size) as pool:
            yield pool


@dataclass(frozen=True, slots=True)
class Aws:
    """LocalStack, with a test module's own bucket and its own queues by prefix."""

    endpoint_url: str
    bucket: str
    queue_prefix: str


@cache
def claim_folder(root: Path) -> Path:
    """The first folder `root/<n>` that no other session holds; ours, and the same, until the process ends.

    It is kept between sessions: LocalStack starts in half the time on a folder that it knows.
    """
    for number in range(100):
        folder = root / str(number)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        return folder  # the handle stays open, and with it the lock
    raise RuntimeError(f"A hundred test sessions hold {root}.")


def fresh_state(root: Path) -> Path:
    """A state folder of the whole system without any data; what makes LocalStack start sooner is kept."""
    state = claim_folder(root) / "state"
    for name in ("postgres", "buckets", "logs"):
        shutil.rmtree(state / "dev" / name, ignore_errors=True)
    return state


def make_template(postgres: Postgres) -> None:
    """Migrate one database that the modules' own are cloned from."""
    with psycopg.connect(postgres.url(), autocommit=True) as db:
        db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    run.upgrade(postgres.url(TEMPLATE))
    run.set_role_passwords(postgres.url(TEMPLATE), ROLE_PASSWORD)


def clone_template(postgres: Postgres) -> Database:
    """A new database with the schema of today and no rows."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(postgres.url(), autocommit=True) as db:
        db.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    return Database(postgres.url(name))


async def own_share(endpoint_url: str, s3: S3Client, sqs: Sqs) -> Aws:
    """A bucket and queues that no other module uses."""
    share = Aws(endpoint_url, f"sightglass-{uuid4().hex[:12]}", f"t{uuid4().hex[:8]}-")
    await provision_bucket(s3, share.bucket)
    await provision_queues(sqs, share.queue_prefix)
    return share
