"""`sightglass scan`: buckets looked through for sensitive data."""

import sys
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command, group
from sightglass_client.cli.failure import FAILED, PARTIAL, command_line
from sightglass_client.cli.jobs import Limit
from sightglass_client.cli.options import OutputFile
from sightglass_client.cli.run import Run
from sightglass_client.cli.scan_facts import facts_of

if TYPE_CHECKING:
    from sightglass_client.scans import Scan, Scores

ScanId = Annotated[str, typer.Argument(metavar="SCAN_ID", show_default=False)]
Place = Annotated[str, typer.Argument(metavar="s3://BUCKET/PREFIX", show_default=False)]
Watch = Annotated[bool, typer.Option("--watch", help="Follow it to its end.")]
Include = Annotated[list[str] | None, typer.Option("--include", metavar="PATTERN", help="Only such keys, as *.csv.")]
Incremental = Annotated[bool, typer.Option("--incremental", help="Read no object that an earlier scan has seen so.")]
Sample = Annotated[
    str | None,
    typer.Option("--sample", metavar="PART", help="A share of the objects, as 0.1, or a number of them, as 1000."),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Another number takes another sample.")]
Normalise = Annotated[bool, typer.Option("--normalise", help="Find what is hidden or encoded as well; slower.")]
Ocr = Annotated[bool, typer.Option("--ocr", help="Texts were read by a machine: letters may be digits.")]
NoMedia = Annotated[bool, typer.Option("--no-media", help="Skip videos and the text in images.")]
Inventory = Annotated[bool, typer.Option("--inventory", help="Take the objects from an S3 inventory, list nothing.")]
# Behind `--inventory` it reads as that option's value.
Manifest = Annotated[
    str | None,
    typer.Argument(
        metavar="s3://BUCKET/KEY/manifest.json", help="Of the inventory; without it, the newest.", show_default=False
    ),
]
Exclude = Annotated[list[str] | None, typer.Option("--exclude", metavar="PATTERN", help="No such keys.")]
Detectors = Annotated[list[str] | None, typer.Option("--detector", metavar="ID", help="Only these, or families.")]
MinConfidence = Annotated[
    float | None,
    typer.Option("--min-confidence", min=0, max=1, metavar="LEAST", help="As 0.8; else 0.5.", show_default=False),
]
MaxObjectBytes = Annotated[
    int | None,
    typer.Option(
        "--max-object-bytes", min=1, metavar="BYTES", help="Skip larger ones; else 1 GiB.", show_default=False
    ),
]
Prefix = Annotated[str | None, typer.Option("--prefix", metavar="PREFIX", show_default=False)]
Depth = Annotated[int, typer.Option("--depth", min=0, max=10, metavar="N", help="Levels of folders below the prefix.")]
OneDetector = Annotated[str | None, typer.Option("--detector", metavar="ID", show_default=False)]
_KINDS = ("csv", "jsonl", "sarif", "asff", "ocsf")
Kind = Annotated[str, typer.Option("--format", metavar="FORMAT", help="csv, jsonl, sarif, asff or ocsf.")]
Severity = Annotated[
    str | None,
    typer.Option("--severity", metavar="SEVERITY", help="low, medium, high or critical.", show_default=False),
]

Confidence = Annotated[
    float | None,
    typer.Option("--confidence", min=0, max=1, metavar="LEAST", help="At least, as 0.8.", show_default=False),
]
State = Annotated[
    str | None,
    typer.Option("--state", metavar="STATE", help="new, reviewed or false_positive.", show_default=False),
]
Outcome = Annotated[
    str | None,
    typer.Option("--status", metavar="STATUS", help="skipped, failed or partly.", show_default=False),
]

# The most sensitive ones, beside what there is to say of the scan.
_FOLDERS = 5


def listed(run: Run, *, limit: Limit = 50) -> None:
    """List the scans, newest first."""
    scans = list(islice(run.client.scans(page_size=min(limit or 200, 200)), limit or None))
    if run.out.as_json:
        run.out.document({"items": [scan.model_dump(mode="json") for scan in scans]})
        return
    rows = [
        (
            scan.scan_id,
            f"s3://{scan.bucket}/{scan.prefix}",
            scan.status,
            f"{scan.objects.over}/{scan.objects.listed}",
            str(scan.findings.total),
            text.moment(scan.created_at),
        )
        for scan in scans
    ]
    columns = ("scan", "where", "status", "objects", "findings", "created")
    run.out.table(columns, rows, empty="No scans. Next: sightglass scan start s3://BUCKET")


app = group("scan", "Scans: buckets looked through for sensitive data.", default=listed)
command(app, "ls")(listed)


@command(app, "start")
def start(
    run: Run,
    place: Place,
    manifest: Manifest = None,
    *,
    include: Include = None,
    exclude: Exclude = None,
    detectors: Detectors = None,
    min_confidence: MinConfidence = None,
    max_object_bytes: MaxObjectBytes = None,
    incremental: Incremental = False,
    sample: Sample = None,
    seed: Seed = 0,
    normalise: Normalise = False,
    ocr: Ocr = False,
    no_media: NoMedia = False,
    inventory: Inventory = False,
    watch: Watch = False,
) -> int:
    """Begin to look through a bucket, or what of it has a prefix. With --watch, exit 5 when some objects failed."""
    if manifest and not inventory:
        raise typer.BadParameter("A manifest goes with --inventory.")
    started = run.client.start_scan(
        *bucket_and_prefix(place),
        include=include,
        exclude=exclude,
        detectors=detectors,
        min_confidence=min_confidence,
        max_object_bytes=max_object_bytes,
        incremental=incremental,
        sample=None if sample is None else _part(sample),
        seed=seed,
        normalise=normalise,
        ocr=ocr,
        media=not no_media,
        source="inventory" if inventory else "list",
        inventory=manifest,
    )
    if watch:
        return _watched(run, started.scan_id, started.job_id)
    if run.out.as_json:
        run.out.document(started.model_dump(mode="json"))
    else:
        run.out.facts({"scan": started.scan_id, "job": started.job_id})
        run.out.note(f"Next: {command_line('scan', 'show', started.scan_id)}")
    return 0


@command(app, "show")
def show(run: Run, scan_id: ScanId) -> None:
    """Show how far a scan is, what it has found, and how sensitive that makes the bucket and its folders."""
    _print(run, run.client.scan(scan_id), run.client.scores(scan_id, limit=_FOLDERS))


@command(app, "scores")
def scores(run: Run, scan_id: ScanId, *, prefix: Prefix = None, depth: Depth = 1, limit: Limit = 50) -> None:
    """How sensitive a bucket and its folders are, from 0 to 100, the most sensitive first."""
    found = run.client.scores(scan_id, prefix, depth=depth, limit=min(limit or 1000, 1000))
    if run.out.as_json:
        run.out.document(found.model_dump(mode="json"))
        return
    rows = [
        (
            str(item.score),
            f"s3://{found.bucket}/{item.prefix}",
            item.worst or "",
            str(item.findings),
            str(item.distinct_values),
            f"{item.objects_with_findings}/{'?' if item.objects is None else item.objects}",
        )
        for item in found.items
    ]
    run.out.table(("score", "where", "worst", "findings", "values", "objects"), rows)
    if found.left_out:
        run.out.note(f"{found.left_out} folders more: --limit shows them.")


@command(app, "findings")
def findings(
    run: Run,
    scan_id: ScanId,
    *,
    detector: OneDetector = None,
    severity: Severity = None,
    confidence: Confidence = None,
    prefix: Prefix = None,
    state: State = None,
    limit: Limit = 50,
) -> None:
    """List what a scan has found."""
    pages = run.client.findings(
        scan_id,
        detector=detector,
        severity=severity,
        confidence=confidence,
        prefix=prefix,
        state=state,
        page_size=min(limit or 200, 200),
    )
    found = list(islice(pages, limit or None))
    if run.out.as_json:
        run.out.document({"items": [finding.model_dump(mode="json") for finding in found]})
        return
    detailed = any(f.detail for f in found)
    rows = [
        (
            f.key,
            f.place,
            f.detector,
            f.severity,
            f"{f.confidence:.2f}",
            f.masked,
            *([f.detail] if detailed else []),
            f.state,
            f.finding_id,
        )
        for f in found
    ]
    more = ["detail"] if detailed else []
    columns = ("object", "place", "detector", "severity", "confidence", "masked", *more, "state", "finding")
    run.out.table(columns, rows, empty="Nothing was found.")


@command(app, "objects")
def objects(run: Run, scan_id: ScanId, *, status: Outcome = None, limit: Limit = 50) -> None:
    """List the objects that a scan has not read, or not as a whole, and why."""
    found = list(islice(run.client.unread(scan_id, status=status, page_size=min(limit or 200, 200)), limit or None))
    if run.out.as_json:
        run.out.document({"items": [item.model_dump(mode="json") for item in found]})
        return
    rows = [(item.key, item.outcome, item.reason, item.detail) for item in found]
    run.out.table(("object", "status", "reason", "detail"), rows, empty="No such objects.")


@command(app, "export")
def export(run: Run, scan_id: ScanId, *, kind: Kind = "jsonl", output: OutputFile = None) -> None:
    """Write all that a scan has found to a file, or to stdout."""
    from sightglass_client.download import whole  # noqa: PLC0415 - loads the HTTP library

    if kind not in _KINDS:
        raise typer.BadParameter(f"--format is one of {', '.join(_KINDS)}.")
    if output is None:
        run.client.export_findings(scan_id, kind, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    with whole(output) as file:
        size = run.client.export_findings(scan_id, kind, file)
    run.out.note(f"{output}: {text.size(size)}")


@command(app, "cancel")
def cancel(run: Run, scan_id: ScanId) -> None:
    """Stop a scan; what it has found stays."""
    _print(run, run.client.cancel_scan(scan_id))


def _part(sample: str) -> float:
    """A whole number is one of objects. Raises typer.BadParameter."""
    try:
        part = int(sample) if sample.isdecimal() else float(sample)
    except ValueError:
        part = 0
    if part <= 0 or (isinstance(part, float) and not part <= 1):
        raise typer.BadParameter("--sample is a share, as 0.1, or a number of objects, as 1000.")
    return part


def bucket_and_prefix(place: str) -> tuple[str, str]:
    """What s3://BUCKET/PREFIX names. Raises typer.BadParameter."""
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    if not place.startswith("s3://") or not bucket:
        raise typer.BadParameter("Name a bucket, as s3://BUCKET or s3://BUCKET/PREFIX.")
    return bucket, prefix


def _watched(run: Run, scan_id: str, job_id: str) -> int:
    run.resume = command_line("jobs", "watch", job_id)
    with run.progress() as progress:
        told = progress.scan(scan_id)
        for _ in run.client.watch(job_id):
            told(run.client.scan(scan_id))
    scan = run.client.scan(scan_id)
    _print(run, scan)
    return {"done": 0, "partial": PARTIAL}.get(scan.status, FAILED)


def _print(run: Run, scan: "Scan", scored: "Scores | None" = None) -> None:
    if run.out.as_json:
        scores = {"scores": [item.model_dump(mode="json") for item in scored.items]} if scored else {}
        run.out.document(scan.model_dump(mode="json") | scores)
        return
    run.out.facts(facts_of(scan, scored))
    if scan.objects.unread:
        run.out.note(f"Not read, and why: {command_line('scan', 'objects', scan.scan_id)}")
    if scan.findings.total:
        run.out.note(f"Next: {command_line('scan', 'findings', scan.scan_id)}")
