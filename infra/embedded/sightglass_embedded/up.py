"""`up`: what `make dev` runs."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sightglass_embedded.output import near
from sightglass_embedded.stack import Stack


async def keep_up(stack: Stack, env_file: Path, say: Callable[[str], None]) -> int:
    """Write the env file, say where everything is, and wait to be cancelled."""
    key = await stack.api_key(env_file)
    for name, address in stack.addresses.items():
        say(f"  {name:<12} {address}")
    say(f"  {'API key':<12} {key}")
    say(f"  {'env file':<12} {near(env_file)}  (the `sightglass` command reads it)")
    say(f"  {'logs':<12} {near(stack.logs)}")
    say(f"  {'scan':<12} make link BUCKET=name, then .venv/bin/sightglass scan start s3://name --watch")
    say("ctrl-C stops everything")
    await asyncio.Event().wait()
    return 0
