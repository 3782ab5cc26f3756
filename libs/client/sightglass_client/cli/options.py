"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

Wait = Annotated[bool, typer.Option("--wait", help="Wait until the jobs are over.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=0.0, metavar="SECONDS", help="Give up waiting; the jobs go on.", show_default=False),
]


Tier = Annotated[
    str | None,
    typer.Option(
        "--tier",
        metavar="TIER",
        help="exact, the default; or preview: key frames alone, scenes within seconds.",
        show_default=False,
    ),
]
OutputFile = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Whole or not there.", show_default=False)
]


def check_timeout(*, wait: bool, timeout: float | None) -> None:
    """Raise typer.BadParameter for a timeout of no waiting."""
    if timeout is not None and not wait:
        raise typer.BadParameter("--timeout needs --wait.")
