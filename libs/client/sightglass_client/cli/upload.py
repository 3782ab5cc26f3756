"""`sightglass upload`: files and objects in, analyses out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli.command import command
from sightglass_client.cli.failure import command_line
from sightglass_client.cli.options import Tier, Timeout, Wait, check_timeout
from sightglass_client.cli.run import Run
from sightglass_client.cli.submissions import UPLOADS, Item, carry_out

if TYPE_CHECKING:
    from sightglass_client.cli.progress import Progress
    from sightglass_client.models import Submitted

Paths = Annotated[
    list[str], typer.Argument(metavar="PATH|s3://BUCKET/KEY...", help="Files, or objects in linked buckets.")
]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "upload")(upload)


def upload(run: Run, paths: Paths, *, tier: Tier = None, wait: Wait = False, timeout: Timeout = None) -> int:
    """Upload videos and start their analysis. A cut upload goes on when the command is given again."""
    check_timeout(wait=wait, timeout=timeout)
    _check(paths)

    def start(item: "Item[Submitted]", progress: "Progress") -> "Submitted":
        return run.client.upload(item.name, progress.upload(item.shown), tier=tier)

    def resume(left: "list[Item[Submitted]]") -> str:
        return command_line("upload", *(["--tier", tier] if tier else []), *(item.name for item in left))

    items: list[Item[Submitted]] = [Item(path, Path(path).name) for path in paths]
    return carry_out(run, items, start, resume, UPLOADS, wait=wait, timeout=timeout)


def _check(paths: list[str]) -> None:
    """All arguments are looked at before the first is sent."""
    from sightglass_client.client import parse_s3  # noqa: PLC0415 - loads the HTTP library
    from sightglass_client.source import Source  # noqa: PLC0415

    for path in paths:
        if path.startswith("s3://"):
            parse_s3(path)
        else:
            Source.of(Path(path))
