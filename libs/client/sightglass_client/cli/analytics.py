"""`sightglass analytics`: what answers took."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from sightglass_client.cli.command import command
from sightglass_client.cli.run import Run

if TYPE_CHECKING:
    from sightglass_client.history import Latency, UsageSum

_GROUPS: Final = ("day", "bot", "key", "provider")
Group = Annotated[str, typer.Option("--by", metavar="WHAT", help="day, bot, key or provider.")]
First = Annotated[
    str | None,
    typer.Option("--from", metavar="DAY", help="Of UTC. Default: 29 days before the last.", show_default=False),
]
Last = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Default: today.", show_default=False)]
_COLUMNS: Final = (
    "answers", "answered", "generated", "calls", "tokens in", "tokens out", "cost", "first event p95", "whole p95",
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "analytics")(analytics)


def analytics(run: Run, *, group: Group = "day", begin: First = None, end: Last = None) -> None:
    """How many questions were answered, by whom, how fast, and what that took."""
    if group not in _GROUPS:
        raise typer.BadParameter(f"--by is one of {', '.join(_GROUPS)}.")
    found = run.client.analytics(group, begin=begin, end=end)
    if run.out.as_json:
        run.out.document(found.model_dump(mode="json"))
        return
    rows = [_row(one, one.name or "none") for one in found.items]
    total = [_row(found.total, "total")] if rows else []
    run.out.table((group, *_COLUMNS), [*rows, *total], empty="No answers in these days.")


def _row(one: "UsageSum", name: str) -> tuple[str, ...]:
    counts = (one.answers, one.answered, one.generated, one.calls, one.input_tokens, one.output_tokens)
    return (name, *map(str, counts), f"{one.cost:f}", _p95(one.first_event), _p95(one.whole))


def _p95(latency: "Latency | None") -> str:
    return f"{latency.p95_ms:.0f} ms" if latency else ""
