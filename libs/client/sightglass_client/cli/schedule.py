"""`sightglass schedule`: buckets that are scanned again and again."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command, group
from sightglass_client.cli.jobs import Limit
from sightglass_client.cli.run import Run
from sightglass_client.cli.scan import Detectors, Exclude, Include, Place, bucket_and_prefix

if TYPE_CHECKING:
    from sightglass_client.scans import Schedule

ScheduleId = Annotated[str, typer.Argument(metavar="SCHEDULE_ID", show_default=False)]
Cron = Annotated[str, typer.Argument(metavar="CRON", help="Five fields, as '30 3 * * 1-5'.", show_default=False)]
Timezone = Annotated[str, typer.Option("--timezone", metavar="ZONE", help="Whose clock, as Europe/Berlin.")]
Resume = Annotated[bool, typer.Option("--resume", help="Let it go on.")]


def listed(run: Run, *, limit: Limit = 50) -> None:
    """List the schedules, newest first."""
    schedules = list(islice(run.client.schedules(page_size=min(limit or 200, 200)), limit or None))
    if run.out.as_json:
        run.out.document({"items": [schedule.model_dump(mode="json") for schedule in schedules]})
        return
    rows = [
        (
            schedule.schedule_id,
            schedule.cron,
            schedule.timezone,
            f"s3://{schedule.scan.bucket}/{schedule.scan.prefix}",
            "paused" if schedule.next_at is None else text.moment(schedule.next_at),
            str(schedule.started),
            str(schedule.skipped),
            schedule.error_code or "",
        )
        for schedule in schedules
    ]
    columns = ("schedule", "cron", "zone", "where", "next", "started", "skipped", "error")
    run.out.table(columns, rows, empty="No schedules. Next: sightglass schedule add '0 3 * * *' s3://BUCKET")


app = group("schedule", "Schedules: buckets that are scanned again and again.", default=listed)
command(app, "ls")(listed)


@command(app, "add")
def add(
    run: Run,
    cron: Cron,
    place: Place,
    *,
    timezone: Timezone = "UTC",
    include: Include = None,
    exclude: Exclude = None,
    detectors: Detectors = None,
) -> None:
    """Have a bucket, or what of it has a prefix, scanned again and again."""
    bucket, prefix = bucket_and_prefix(place)
    _print(
        run,
        run.client.add_schedule(
            cron, bucket, prefix, timezone=timezone, include=include, exclude=exclude, detectors=detectors
        ),
    )


@command(app, "pause")
def pause(run: Run, schedule_id: ScheduleId, *, resume: Resume = False) -> None:
    """Pause a schedule, or let it go on. What was due meanwhile is not made up for."""
    _print(run, run.client.pause_schedule(schedule_id, paused=not resume))


@command(app, "rm")
def remove(run: Run, schedule_id: ScheduleId) -> None:
    """Remove a schedule. Its scans stay."""
    run.client.remove_schedule(schedule_id)
    run.out.note(f"Removed {schedule_id}.")


def _print(run: Run, schedule: "Schedule") -> None:
    if run.out.as_json:
        run.out.document(schedule.model_dump(mode="json"))
        return
    run.out.facts(
        {
            "schedule": schedule.schedule_id,
            "cron": f"{schedule.cron} ({schedule.timezone})",
            "where": f"s3://{schedule.scan.bucket}/{schedule.scan.prefix}",
            "next": "paused" if schedule.next_at is None else text.moment(schedule.next_at),
            "last": text.moment(schedule.last_at),
            "last scan": schedule.last_scan_id or "",
            "started": str(schedule.started),
            "skipped": str(schedule.skipped or ""),
            "error": text.sentence(schedule.error_code, schedule.error_detail or "") if schedule.error_code else "",
        }
    )
