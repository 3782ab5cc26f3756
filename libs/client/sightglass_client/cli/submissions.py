"""Starts jobs, waits for them, tells what became of each, and says with which exit code the command ends."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from sightglass_client.cli.failure import FAILED, PARTIAL, command_line, document, show
from sightglass_client.cli.run import Run
from sightglass_client.cli.tally import Tally
from sightglass_client.cli.text import sentence
from sightglass_client.errors import ApiError, ClientError, NotConfigured, Unreachable, WaitTimedOut

if TYPE_CHECKING:
    from sightglass_client.cli.progress import Progress
    from sightglass_client.datasets import IndexingBegun
    from sightglass_client.models import Job, Submitted

# What was started for an item.
S = TypeVar("S", bound="Submitted | IndexingBegun")
_MANY: Final = 5


@dataclass
class Item(Generic[S]):
    """What became of one argument. shown: its name in progress. tally: of its documents, once they were waited for."""

    name: str
    shown: str
    submitted: S | None = None
    job: "Job | None" = None
    tally: Tally | None = None
    error: ClientError | None = None


@dataclass(frozen=True)
class Shape(Generic[S]):
    """How items are told. name: the field of their names. ids: which of what was started are told.

    count: for each of what is over, what became of its documents.
    """

    name: str
    ids: tuple[str, ...]
    count: Callable[[Sequence[S]], Sequence[Tally]] | None = None


UPLOADS: Final["Shape[Submitted]"] = Shape("path", ("video_id", "analysis_id", "job_id"))
VIDEOS: Final["Shape[Submitted]"] = Shape("video_id", ("analysis_id", "job_id"))

# Starts the job of one item.
Start: TypeAlias = Callable[[Item[S], "Progress"], S]
# The command that goes on with the items that are left.
Resume: TypeAlias = Callable[[list[Item[S]]], str]


def carry_out(
    run: Run,
    items: list[Item[S]],
    start: Start[S],
    resume: Resume[S],
    shape: Shape[S],
    *,
    wait: bool,
    timeout: float | None,
) -> int:
    """Start each item and, if wanted, wait for it.

    Returns the exit code. Raises the error of a single item, and any that the next item would meet as well.
    """
    try:
        with run.progress() as progress:
            _start(run, progress, items, start, resume)
            if wait:
                _wait(run, progress, items, timeout)
        _count(items, shape)
    finally:
        # Whatever stops it: what was started is told.
        if any(item.submitted for item in items):
            _print(run, items, shape)
    if not wait and not run.out.as_json:
        _next(run, [item.submitted.job_id for item in items if item.submitted])
    return _code(items)


def _start(run: Run, progress: "Progress", items: list[Item[S]], start: Start[S], resume: Resume[S]) -> None:
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


def _wait(run: Run, progress: "Progress", items: list[Item[S]], timeout: float | None) -> None:
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


def _count(items: list[Item[S]], shape: Shape[S]) -> None:
    over = [item for item in items if item.job and item.job.over]
    if shape.count is None or not over:
        return
    tallies = shape.count([item.submitted for item in over if item.submitted])
    for item, counted in zip(over, tallies, strict=True):
        item.tally = counted


def _print(run: Run, items: list[Item[S]], shape: Shape[S]) -> None:
    if run.out.as_json:
        run.out.document({"items": [_document(item, shape) for item in items]})
        return
    counted = next((tuple(item.tally.cells()) for item in items if item.tally), ())
    columns = (shape.name.removesuffix("_id"), "status", *(name.removesuffix("_id") for name in shape.ids), *counted)
    run.out.table(columns, [_row(item, shape, counted) for item in items if item.submitted])
    for item in items:
        if item.job and item.job.error and item.job.over:
            error = item.job.error
            again = f" Next: {command_line('jobs', 'retry', item.job.job_id)}" if error.retryable else ""
            run.out.note(f"{item.name}: {sentence(error.title or error.code, error.detail)}{again}")


def _row(item: Item[S], shape: Shape[S], counted: tuple[str, ...]) -> tuple[str, ...]:
    started = item.submitted.model_dump(mode="json") if item.submitted else {}
    cells = item.tally.cells() if item.tally else {}
    return (
        item.name,
        _status(item),
        *(started[name] for name in shape.ids),
        *(cells.get(name, "") for name in counted),
    )


def _next(run: Run, job_ids: list[str]) -> None:
    if len(job_ids) > _MANY:
        run.out.note(f"Follow them: {command_line('jobs', 'ls')}")
        return
    for job_id in job_ids:
        run.out.note(f"Follow it: {command_line('jobs', 'watch', job_id)}")


def _status(item: Item[S]) -> str:
    if item.error:
        return item.error.code
    return item.job.status if item.job else "queued"


def _document(item: Item[S], shape: Shape[S]) -> dict[str, object]:
    started = item.submitted.model_dump(mode="json") if item.submitted else {}
    counted = {"documents": vars(item.tally) if item.tally else None} if shape.count else {}
    return {
        shape.name: item.name,
        **{name: started.get(name) for name in shape.ids},
        "job": item.job.model_dump(mode="json") if item.job else None,
        **counted,
        "error": document(item.error) if item.error else None,
    }


def _code(items: list[Item[S]]) -> int:
    statuses = {item.job.status for item in items if item.job}
    if any(item.error for item in items) or statuses & {"failed", "cancelled"}:
        return FAILED
    whole = all(item.tally.whole for item in items if item.tally)
    return 0 if whole and "partial" not in statuses else PARTIAL
