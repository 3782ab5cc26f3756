"""What `sightglass doctor` looks at: each check with what was found and, if it is wrong, how to mend it."""

import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from sightglass_client.client import Sightglass
from sightglass_client.config import ENV_FILE, Config, resolve
from sightglass_client.errors import ApiError, ClientError
from sightglass_client.models import Health, Identity
from sightglass_client.processes import Stack, stacks

_DISK_MIN_BYTES: Final = 2_000_000_000  # room for the embedded stack's data and a video or two
_SUPPORTED: Final = ((3, 11), (3, 14))  # as requires-python says


@dataclass(frozen=True)
class Finding:
    """ok: None if it could not be looked at, or need not be. fix: what to do if it is wrong."""

    name: str
    ok: bool | None
    detail: str
    fix: str = ""


def diagnose(url: str | None, *, environ: Mapping[str, str], cwd: Path) -> Iterator[Finding]:
    """Look at everything, from the nearest to the farthest; each finding as soon as it is made."""
    yield _python()
    yield _disk(cwd)
    try:
        config = resolve(url, None, environ=environ, cwd=cwd)
    except ClientError as error:
        yield Finding("configuration", ok=False, detail=str(error), fix=error.hint)
    else:
        yield _configuration(config)
        yield from _remote(config)
    for stack in found_stacks(cwd):
        yield _stack(stack)


def found_stacks(cwd: Path) -> list[Stack]:
    """The embedded stacks of the nearest `.sightglass`, in this folder or one above it."""
    places = (folder / ENV_FILE.parent for folder in (cwd, *cwd.parents))
    state = next((place for place in places if place.is_dir()), None)
    return stacks(state) if state else []


def _python() -> Finding:
    low, high = _SUPPORTED
    found = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    return Finding("python", low <= sys.version_info[:2] < high, found, "Use Python 3.11, 3.12 or 3.13.")


def _disk(cwd: Path) -> Finding:
    free = shutil.disk_usage(cwd).free
    detail = f"{free / 1e9:.1f} GB free at {cwd}"
    return Finding("disk", free >= _DISK_MIN_BYTES, detail, f"Make room: {_DISK_MIN_BYTES / 1e9:.0f} GB are needed.")


def _configuration(config: Config) -> Finding:
    where = f"from {config.file}" if config.file else "from the environment"
    if config.file and stat.S_IMODE(config.file.stat().st_mode) & 0o077:
        detail = f"{config.url}, {where}, which others may read: it holds the API key"
        return Finding("configuration", ok=False, detail=detail, fix=f"chmod 600 '{config.file}'")
    return Finding("configuration", ok=True, detail=f"{config.url}, {where}")


def _remote(config: Config) -> Iterator[Finding]:
    with Sightglass(config.url, config.api_key, tries=1) as client:
        began = time.perf_counter()
        try:
            health = client.health()
        except ApiError as error:
            yield Finding("api", ok=True, detail=f"{config.url} answers (HTTP {error.status})")
            yield _refused(error)
            return
        except ClientError as error:
            yield Finding("api", ok=False, detail=str(error), fix=error.hint)
            return
        ms = (time.perf_counter() - began) * 1000
        yield Finding(
            "api", ok=True, detail=f"version {health.version} in {ms:.0f} ms; this is {version('sightglass-client')}"
        )
        yield from _with_key(client)
        yield from _dependencies(health)


def _refused(error: ApiError) -> Finding:
    name = "key" if error.status in {401, 403} else "health"
    return Finding(name, ok=False, detail=f"{error} (request id {error.request_id})", fix=error.hint)


def _with_key(client: Sightglass) -> Iterator[Finding]:
    try:
        identity = client.whoami()
        yield Finding("key", ok=True, detail=f"{identity.role} of {identity.tenant_name}")
        yield _queues(client, identity)
    except ClientError as error:
        yield _refused(error) if isinstance(error, ApiError) else Finding("key", ok=False, detail=str(error))


def _queues(client: Sightglass, identity: Identity) -> Finding:
    if identity.role != "platform_admin":
        return Finding("queues", ok=None, detail=f"not for the role {identity.role}")
    dead = {queue.name: queue.dead_letters for queue in client.queues() if queue.dead_letters}
    if not dead:
        return Finding("queues", ok=True, detail="no dead letters")
    detail = ", ".join(f"{count} dead letters in {name}" for name, count in dead.items())
    return Finding("queues", ok=False, detail=detail, fix=f"sightglass queues redrive {next(iter(dead))} --dry-run")


def _dependencies(health: Health) -> Iterator[Finding]:
    for name, check in health.checks.items():
        latency = "" if check.latency_ms is None else f"{check.latency_ms:.1f} ms"
        detail = " ".join(part for part in (latency, check.detail) if part) or "answers"
        yield Finding(name, check.ok, detail, "Look at its log: .sightglass/dev/logs, or that of your deployment.")


def _stack(stack: Stack) -> Finding:
    name = f"stack {stack.folder.name}"
    if not stack.running:
        return Finding(name, ok=None, detail="not running")
    dead = [process.name for process in stack.processes if not process.alive]
    memory = stack.memory_bytes
    size = f"{memory / 1e6:.0f} MB of memory" if memory is not None else "memory may not be read by this user"
    detail = f"{len(stack.processes) - len(dead)} processes, {size}"
    if dead:
        detail += f"; {', '.join(dead)} not running"
    return Finding(name, not dead, detail, f"Look at {os.path.relpath(stack.folder / 'logs')}.")
