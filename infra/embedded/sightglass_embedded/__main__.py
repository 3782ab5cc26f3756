"""`python -m sightglass_embedded up|demo|link|down`: the whole of Sightglass on this machine."""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

from sightglass_embedded.api_key import NoApiKey
from sightglass_embedded.bucket_index import IndexUnreadable
from sightglass_embedded.cluster import ClusterFailed
from sightglass_embedded.copies import BadInterval
from sightglass_embedded.demo import DemoFailed, run_demo
from sightglass_embedded.down import StillRunning, stop_stack
from sightglass_embedded.foreground import INTERRUPTED, in_foreground
from sightglass_embedded.linking import LinkFailed, link_bucket
from sightglass_embedded.localstack import LocalStackFailed
from sightglass_embedded.one_shot import CommandFailed
from sightglass_embedded.output import Terminal, near
from sightglass_embedded.ports import NoFreePort
from sightglass_embedded.stack import Stack
from sightglass_embedded.state_lock import AlreadyRunning
from sightglass_embedded.supervisor import StartFailed
from sightglass_embedded.unprivileged import NoUnprivilegedUser
from sightglass_embedded.up import keep_up

# What a person can do something about: told in words, without a traceback.
_EXPECTED = (
    AlreadyRunning,
    BadInterval,
    ClusterFailed,
    CommandFailed,
    DemoFailed,
    IndexUnreadable,
    LinkFailed,
    LocalStackFailed,
    NoApiKey,
    NoFreePort,
    NoUnprivilegedUser,
    OSError,
    StartFailed,
    StillRunning,
)


def main() -> None:
    """Run the command of the arguments; exit code 1 with the reason when it fails."""
    arguments = _parser().parse_args()
    os.umask(0o077)
    try:
        sys.exit(_run(arguments))
    except _EXPECTED as error:
        sys.exit(f"sightglass: {error}")


def _run(arguments: argparse.Namespace) -> int:
    state: Path = arguments.state.absolute()
    match arguments.command:
        case "up":
            return _up(state, reload=arguments.reload)
        case "demo":
            return _demo(state)
        case "link":
            return _link(state, arguments.bucket.removeprefix("s3://").rstrip("/"), arguments.put)
        case _:
            print(stop_stack(state / "dev"))
            return 0


def _up(state: Path, *, reload: bool) -> int:
    began = time.monotonic()
    stack = Stack(state / "dev", environ=os.environ, reload=reload, terminal=Terminal(sys.stderr))

    async def work(stack: Stack) -> int:
        print(f"\nSightglass is ready ({time.monotonic() - began:.1f} s)")
        return await keep_up(stack, state / "env", lambda text: print(text, flush=True))

    code = asyncio.run(in_foreground(stack, work))
    return 0 if code == INTERRUPTED else code  # ctrl-C is how one ends it


def _demo(state: Path) -> int:
    print("Starting Sightglass ...", file=sys.stderr)
    code = asyncio.run(run_demo(Stack(state / "demo", environ=os.environ), state / "demo.json"))
    print(f"{'Everything is there' if code == 0 else 'Something is missing'}: {near(state / 'demo.json')}")
    return code


def _link(state: Path, bucket: str, files: Path | None) -> int:
    if not bucket:
        raise LinkFailed("Name a bucket: make link BUCKET=name")
    put = asyncio.run(link_bucket(state / "dev", bucket, os.environ, files=files))
    if files is not None:
        print(f"{put} files are in s3://{bucket}")
    print(f"s3://{bucket} is linked. Next: .venv/bin/sightglass scan start s3://{bucket} --watch")
    return 0


def _parser() -> argparse.ArgumentParser:
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("--state", type=Path, default=Path(".sightglass"), metavar="DIR", help="state folder")
    parser = argparse.ArgumentParser(prog="python -m sightglass_embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", parents=[folder], help="start everything, and keep it running until ctrl-C")
    up.add_argument("--reload", action="store_true", help="restart the services whose code changes")
    commands.add_parser("demo", parents=[folder], help="put the sample videos through it, show the results, stop")
    link = commands.add_parser("link", parents=[folder], help="let what `up` runs look into a bucket")
    link.add_argument("bucket", help="its name; linked already is no error")
    link.add_argument("--put", type=Path, metavar="PATH", help="a folder or file to put there first; makes the bucket")
    commands.add_parser("down", parents=[folder], help="stop what `up` started, and end what a killed one left")
    return parser


if __name__ == "__main__":
    main()
