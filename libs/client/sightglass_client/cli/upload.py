"""`sightglass upload`: files and objects in, analyses out."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli.command import command
from sightglass_client.cli.failure import DENIED, FAILED, PARTIAL, command_line, document, exit_code, show
from sightglass_client.cli.run import Run
from sightglass_client.cli.text import sentence
from sightglass_client.errors import ClientError, NotConfigured, Unreachable, WaitTimedOut

if TYPE_CHECKING:
    from sightglass_client.cli.progress import Progress
    from sightglass_client.models import Job, Submitted

Paths = Annotated[
    list[str], typer.Argument(metavar="PATH|s3://BUCKET/KEY...", help="Files, or objects in linked buckets.")
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until the analyses are over.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=0.0, metavar="SECONDS", help="Give up waiting; the jobs go on.", show_default=False),
]


@dataclass
class Item:
    """What became of one argument."""

    path: str
    submitted: "Submitted | None" = None
    job: "Job | None" = None
    error: ClientError | None = None


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "upload")(upload)


def upload(run: Run, paths: Paths, *, wait: Wait = False, timeout: Timeout = None) -> int:
    """Upload videos and start their analysis. A cut upload goes on when the command is given again."""
    if timeout is not None and not wait:
        raise typer.BadParameter("--timeout needs --wait.")
    _check(paths)
    items = [Item(path) for path in paths]
    try:
        with run.progress() as progress:
            _submit(run, progress, items)
            if wait:
                _wait(run, progress, items, timeout)
    finally:
        # Whatever stops it: what was started is told.
        if any(item.submitted for item in items):
            _print(run, items)
    if not wait and not run.out.as_json:
        for item in (item for item in items if item.submitted):
            assert item.submitted  # noqa: S101 - as the line above chose
            run.out.note(f"Follow it: {command_line('jobs', 'watch', item.submitted.job_id)}")
    return _code(items)


def _check(paths: list[str]) -> None:
    """All arguments are looked at before the first is sent."""
    from sightglass_client.client import parse_s3  # noqa: PLC0415 - loads the HTTP library
    from sightglass_client.source import Source  # noqa: PLC0415

    for path in paths:
        if path.startswith("s3://"):
            parse_s3(path)
        else:
            Source.of(Path(path))


def _submit(run: Run, progress: "Progress", items: list[Item]) -> None:
    for number, item in enumerate(items):
        run.resume = command_line("upload", *(left.path for left in items[number:]))
        try:
            item.submitted = run.client.upload(item.path, progress.upload(Path(item.path).name))
        except (NotConfigured, Unreachable):
            raise  # the next one would meet the same
        except (ClientError, OSError) as error:
            if len(items) == 1 or exit_code(error) == DENIED:
                raise
            item.error = error if isinstance(error, ClientError) else ClientError(str(error))
            show(run, item.error)


def _wait(run: Run, progress: "Progress", items: list[Item], timeout: float | None) -> None:
    deadline = None if timeout is None else time.monotonic() + timeout
    for item in items:
        if item.submitted is None:
            continue
        run.resume = command_line("jobs", "watch", item.submitted.job_id)
        told = progress.job(Path(item.path).name)
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        try:
            for job in run.client.watch(item.submitted.job_id, timeout=left):
                item.job = job
                told(job)
        except WaitTimedOut as error:
            if len(items) == 1:
                raise
            item.error = error
            show(run, error)


def _print(run: Run, items: list[Item]) -> None:
    if run.out.as_json:
        run.out.document({"items": [_document(item) for item in items]})
        return
    rows = [
        (item.path, _status(item), item.submitted.video_id, item.submitted.analysis_id, item.submitted.job_id)
        for item in items
        if item.submitted
    ]
    run.out.table(("path", "status", "video", "analysis", "job"), rows)
    for item in items:
        if item.job and item.job.error and item.job.over:
            error = item.job.error
            again = f" Next: {command_line('jobs', 'retry', item.job.job_id)}" if error.retryable else ""
            run.out.note(f"{item.path}: {sentence(error.title or error.code, error.detail)}{again}")


def _status(item: Item) -> str:
    if item.error:
        return item.error.code
    return item.job.status if item.job else "queued"


def _document(item: Item) -> dict[str, object]:
    started = item.submitted.model_dump(mode="json") if item.submitted else {}
    return {
        "path": item.path,
        **{name: started.get(name) for name in ("video_id", "analysis_id", "job_id")},
        "job": item.job.model_dump(mode="json") if item.job else None,
        "error": document(item.error) if item.error else None,
    }


def _code(items: list[Item]) -> int:
    statuses = {item.job.status for item in items if item.job}
    if any(item.error for item in items) or statuses & {"failed", "cancelled"}:
        return FAILED
    return PARTIAL if "partial" in statuses else 0
