"""`sightglass queues`: what waits, what could not be handled, and a second chance for it."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command, group
from sightglass_client.cli.run import Run

if TYPE_CHECKING:
    from sightglass_client.models import QueuedMessage

Name = Annotated[str, typer.Argument(metavar="QUEUE", show_default=False)]
PeekLimit = Annotated[int, typer.Option("--limit", min=1, max=10, help="How many messages at most.")]
RedriveLimit = Annotated[int | None, typer.Option("--limit", min=1, help="How many at most.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be redriven; change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_DEAD_LETTERS: Final = "-dlq"


def listed(run: Run) -> None:
    """List the queues with their depth."""
    queues = run.client.queues()
    if run.out.as_json:
        run.out.document({"items": [queue.model_dump(mode="json") for queue in queues]})
        return
    rows = [
        (queue.name, *(str(n) for n in (queue.visible, queue.in_flight, queue.delayed)), str(queue.dead_letters or 0))
        for queue in queues
    ]
    run.out.table(("queue", "visible", "in flight", "delayed", "dead letters"), rows, empty="No queues.")


app = group("queues", "Queues and dead letters (needs the role platform_admin).", default=listed)
command(app, "ls")(listed)


@command(app, "peek")
def peek(run: Run, queue: Name, *, limit: PeekLimit = 10) -> None:
    """Show some messages of a queue, or of its dead letters (QUEUE-dlq). Changes nothing."""
    _print(run, run.client.peek(queue, limit=limit))


@command(app, "redrive")
def redrive(run: Run, queue: Name, *, limit: RedriveLimit = None, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Retry what the dead letters of a queue are about."""
    queue = queue.removesuffix(_DEAD_LETTERS)
    if dry_run:
        _dry_run(run, queue, limit)
        return
    if not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter("There is nobody to ask: say --yes, or --dry-run to look first.")
        typer.confirm(f"Redrive the dead letters of {queue}?", abort=True, err=True)
    result = run.client.redrive(queue, limit=limit)
    if run.out.as_json:
        run.out.document(result.model_dump(mode="json"))
    else:
        run.out.facts({"redriven": str(result.redriven), "jobs retried": str(result.jobs_retried)})


def _dry_run(run: Run, queue: str, limit: int | None) -> None:
    letters = run.client.peek(f"{queue}{_DEAD_LETTERS}", limit=min(limit or 10, 10))
    waiting = next((found.dead_letters or 0 for found in run.client.queues() if found.name == queue), len(letters))
    would = waiting if limit is None else min(limit, waiting)
    if run.out.as_json:
        shown = [letter.model_dump(mode="json") for letter in letters]
        run.out.document({"dry_run": True, "would_redrive": would, "items": shown})
        return
    _print(run, letters)
    run.out.note(f"{would} of {waiting} dead letters would be redriven; nothing was changed.")


def _print(run: Run, messages: "list[QueuedMessage]") -> None:
    if run.out.as_json:
        run.out.document({"items": [message.model_dump(mode="json") for message in messages]})
        return
    rows = [
        (
            message.id,
            message.type or "",
            message.job_id or "",
            str(message.received_count or ""),
            text.moment(message.sent_at),
            message.reason or _short(message.body),
        )
        for message in messages
    ]
    run.out.table(("message", "type", "job", "received", "sent", "reason or body"), rows, empty="No messages.")


def _short(body: object) -> str:
    return text.shortened(body if isinstance(body, str) else json.dumps(body), 80)
