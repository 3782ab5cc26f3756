"""Where the time of a job went: pure."""

from collections.abc import Sequence
from datetime import datetime

from sightglass_api.jobs.schemas import Job, Stage


def seconds_of(job: Job, now: datetime) -> dict[str, float]:
    """Seconds that a job was queued, running, and in each of its stages; `now` ends what has not ended."""
    end = job.finished_at or now
    spans = {"queued": (job.created_at, job.started_at or end)}
    if job.started_at is not None:
        spans["running"] = (job.started_at, end)
    seconds = {name: _seconds(*span) for name, span in spans.items()} | {"total": _seconds(job.created_at, end)}
    for name, spent in _stages(job.stages, end).items():
        seconds.setdefault(name, spent)
    return seconds


def _stages(stages: Sequence[Stage], end: datetime) -> dict[str, float]:
    """Each stage lasts until the next begins; one that came again, in a later attempt, counts together."""
    starts = [stage.started_at for stage in stages]
    spent: dict[str, float] = {}
    for stage, until in zip(stages, [*starts, end][1:], strict=True):
        spent[stage.stage] = round(spent.get(stage.stage, 0.0) + _seconds(stage.started_at, until), 3)
    return spent


def _seconds(start: datetime, end: datetime) -> float:
    # Two machines' clocks are no stopwatch: what comes out negative was nothing.
    return round(max(0.0, (end - start).total_seconds()), 3)
