"""`sightglass jobs`: what is under way, and what to do about it."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command, group
from sightglass_client.cli.failure import FAILED, PARTIAL, command_line
from sightglass_client.cli.run import Run

if TYPE_CHECKING:
    from sightglass_client.models import Job

Limit = Annotated[int, typer.Option("--limit", min=0, help="How many at most; 0 for all.")]
JobId = Annotated[str, typer.Argument(metavar="JOB_ID", show_default=False)]
Status = Annotated[
    str | None,
    typer.Option(
        "--status", metavar="STATUS", help="queued, running, done, partial, failed or cancelled.", show_default=False
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=0.0, metavar="SECONDS", help="Stop watching; the job goes on.", show_default=False),
]


def listed(run: Run, *, status: Status = None, limit: Limit = 50) -> None:
    """List the jobs, newest first."""
    jobs = list(islice(run.client.jobs(status=status, page_size=min(limit or 200, 200)), limit or None))
    if run.out.as_json:
        run.out.document({"items": [job.model_dump(mode="json") for job in jobs]})
        return
    rows = [
        (
            job.job_id,
            job.kind,
            job.status,
            (job.stage or "") if not job.over else "",
            text.percent(job.progress),
            str(job.attempt),
            text.moment(job.created_at),
            job.error.code if job.error else "",
        )
        for job in jobs
    ]
    columns = ("job", "kind", "status", "stage", "progress", "attempt", "created", "error")
    run.out.table(columns, rows, empty="No jobs. Next: sightglass upload PATH")


app = group("jobs", "Jobs: what is under way.", default=listed)
command(app, "ls")(listed)


@command(app, "show")
def show(run: Run, job_id: JobId) -> None:
    """Show one job."""
    _print(run, run.client.job(job_id))


@command(app, "watch")
def watch(run: Run, job_id: JobId, *, timeout: Timeout = None) -> int:
    """Follow a job to its end. With --json, a line for each change."""
    run.resume = command_line("jobs", "watch", job_id)
    last: Job | None = None
    with run.progress() as progress:
        told = progress.job(job_id)
        for job in run.client.watch(job_id, timeout=timeout):
            last = job
            told(job)
            if run.out.as_json:
                run.out.line(job.model_dump(mode="json"))
    if last is None:
        return FAILED
    if not run.out.as_json:
        _print(run, last)
    return {"done": 0, "partial": PARTIAL}.get(last.status, FAILED)


@command(app, "cancel")
def cancel(run: Run, job_id: JobId) -> None:
    """Ask for a job to be stopped."""
    _print(run, run.client.cancel(job_id))


@command(app, "retry")
def retry(run: Run, job_id: JobId) -> None:
    """Queue a failed or cancelled job again."""
    _print(run, run.client.retry(job_id))


def _print(run: Run, job: "Job") -> None:
    if run.out.as_json:
        run.out.document(job.model_dump(mode="json"))
        return
    error = job.error
    run.out.facts(
        {
            "job": job.job_id,
            "kind": job.kind,
            "status": job.status,
            "cancelling": "yes" if job.cancel_requested and not job.over else "",
            "stage": job.stage or "",
            "progress": text.percent(job.progress),
            "attempt": str(job.attempt),
            "created": text.moment(job.created_at),
            "started": text.moment(job.started_at),
            "finished": text.moment(job.finished_at),
            "video": job.video_id or "",
            "analysis": job.analysis_id or "",
            "error": text.sentence(error.title or error.code, error.detail) if error else "",
        }
    )
    if error and error.retryable and job.status == "failed":
        run.out.note(f"Next: {command_line('jobs', 'retry', job.job_id)}")
