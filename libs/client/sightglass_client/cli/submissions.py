"""Starts analyses, waits for them, tells what became of each, and says with which exit code the command ends."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sightglass_client.cli.failure import FAILED, PARTIAL, command_line, document, show
from sightglass_client.cli.run import Run
from sightglass_client.cli.text import sentence
from sightglass_client.errors import ApiError, ClientError, NotConfigured, Unreachable, WaitTimedOut

if TYPE_CHECKING:
    from sightglass_client.cli.progress import Progress
    from sightglass_client.models import Job, Submitted


_MANY: Final = 5


@dataclass
class Item:
    """What became of one argument. shown: its name in progress."""

    name: str
    shown: str
    submitted: "Submitted | None" = None
    job: "Job | None" = None
    error: ClientError | None = None


# Starts the analysis of one item.
Start = Callable[[Item, "Progress"], "Submitted"]
# The command that goes on with the items that are left.
Resume = Callable[[list[Item]], str]


def carry_out(
    run: Run, items: list[Item], start: Start, resume: Resume, *, what: str, wait: bool, timeout: float | None
) -> int:
    """Start each item and, if wanted, wait for it. what: what the items' names are, for the output.

    Returns the exit code. Raises the error of a single item, and any that the next item would meet as well.
    """
    try:
        with run.progress() as progress:
            _start(run, progress, items, start, resume)
            if wait:
                _wait(run, progress, items, timeout)
    finally:
        # Whatever stops it: what was started is told.
        if any(item.submitted for item in items):
            _print(run, items, what)
    if not wait and not run.out.as_json:
        _next(run, [item.submitted.job_id for item in items if item.submitted])
    return _code(items)


def _start(run: Run, progress: "Progress", items: list[Item], start: Start, resume: Resume) -> None:
    for number, item in enumerate(items):
        run.resume = resume(items[number:])
        try:
            item.submitted = start(item, progress)
        except (ClientError, OSError) as error:
            if len(items) == 1 or _of_all(error):
                raise
            item.error = error if isinstance(error, ClientError) else ClientError(str(error))
            show(run, item.error)


def _of_all(error: Exception) -> bool:
    """Whether the next item would meet the same: the key or the way to the API is wrong, not the item."""
    if isinstance(error, ApiError):
        return error.code in {"unauthenticated", "forbidden"}
    return isinstance(error, NotConfigured | Unreachable)


def _wait(run: Run, progress: "Progress", items: list[Item], timeout: float | None) -> None:
    deadline = None if timeout is None else time.monotonic() + timeout
    for item in items:
        if item.submitted is None:
            continue
        run.resume = command_line("jobs", "watch", item.submitted.job_id)
        told = progress.job(item.shown)
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


def _print(run: Run, items: list[Item], what: str) -> None:
    if run.out.as_json:
        run.out.document({"items": [_document(item, what) for item in items]})
        return
    rows: list[tuple[str, ...]] = []
    for item in items:
        if item.submitted:
            video = () if what == "video" else (item.submitted.video_id,)
            rows.append((item.name, _status(item), *video, item.submitted.analysis_id, item.submitted.job_id))
    video = () if what == "video" else ("video",)
    run.out.table((what, "status", *video, "analysis", "job"), rows)
    for item in items:
        if item.job and item.job.error and item.job.over:
            error = item.job.error
            again = f" Next: {command_line('jobs', 'retry', item.job.job_id)}" if error.retryable else ""
            run.out.note(f"{item.name}: {sentence(error.title or error.code, error.detail)}{again}")


def _next(run: Run, job_ids: list[str]) -> None:
    if len(job_ids) > _MANY:
        run.out.note(f"Follow them: {command_line('jobs', 'ls')}")
        return
    for job_id in job_ids:
        run.out.note(f"Follow it: {command_line('jobs', 'watch', job_id)}")


def _status(item: Item) -> str:
    if item.error:
        return item.error.code
    return item.job.status if item.job else "queued"


def _document(item: Item, what: str) -> dict[str, object]:
    started = item.submitted.model_dump(mode="json") if item.submitted else {}
    return {
        **({"video_id": item.name} if what == "video" else {what: item.name, "video_id": started.get("video_id")}),
        **{name: started.get(name) for name in ("analysis_id", "job_id")},
        "job": item.job.model_dump(mode="json") if item.job else None,
        "error": document(item.error) if item.error else None,
    }


def _code(items: list[Item]) -> int:
    statuses = {item.job.status for item in items if item.job}
    if any(item.error for item in items) or statuses & {"failed", "cancelled"}:
        return FAILED
    return PARTIAL if "partial" in statuses else 0
