"""A bucket looked through by the client library: scanned, waited for, and what was found held against what is there."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from sightglass_client.cli.progress import progress
from sightglass_client.client import Sightglass
from sightglass_client.scans import Finding, Scan
from sightglass_embedded.demo_files import Planted

_TIMEOUT_S: Final = 120.0
_WIDTH: Final = 150  # where there is no terminal


def scanned(bucket: str, planted: Sequence[Planted], *, url: str, api_key: str) -> dict[str, Any]:
    """Scan a bucket and print what is found. Blocks.

    Returns what demo.json holds about it: `expected` is how many values are planted, `missed` those that were not
    found, `invented` what was found and is not there.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH
    with Sightglass(url, api_key) as client:
        scan = _finished(client, bucket)
        findings = sorted(client.findings(scan.scan_id), key=lambda finding: (finding.key, finding.place))
    missed, invented = held_against(planted, findings)
    console.print(_table(bucket, scan, findings))
    for name, values in (("missed", missed), ("not there", invented)):
        for value in values:
            console.print(f"[red]{name}: {value}[/red]")
    return {
        "bucket": bucket,
        "scan_id": scan.scan_id,
        "status": scan.status,
        "objects": scan.objects.done,
        "findings": [_shown(finding) for finding in findings],
        "expected": len(planted),
        "missed": missed,
        "invented": invented,
    }


def held_against(
    planted: Iterable[Planted], findings: Iterable[Finding]
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """What is there and was not found, and what was found and is not there; what was found twice is there once."""
    found = Counter(Planted(finding.key, finding.detector, finding.place) for finding in findings)
    there = Counter(planted)
    return [_told(one) for one in (there - found).elements()], [_told(one) for one in (found - there).elements()]


def _finished(client: Sightglass, bucket: str) -> Scan:
    started = client.start_scan(bucket)
    with progress(quiet=False) as shown:
        told = shown.scan(f"s3://{bucket}")
        for _ in client.watch(started.job_id, timeout=_TIMEOUT_S):
            told(client.scan(started.scan_id))
    return client.scan(started.scan_id)


def _told(value: Planted) -> dict[str, str]:
    return {"key": value.key, "detector": value.detector, "place": value.place}


def _shown(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key,
        "detector": finding.detector,
        "place": finding.place,
        "masked": finding.masked,
        "severity": finding.severity,
        "confidence": finding.confidence,
    }


def _table(bucket: str, scan: Scan, findings: Sequence[Finding]) -> Table:
    skipped = sum(scan.objects.skipped.values())
    title = f"s3://{bucket}: {scan.status}, {scan.objects.done} objects read, {skipped} skipped, {len(findings)} found"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for name in ("object", "place", "what", "masked"):
        table.add_column(name, no_wrap=True)
    for finding in findings:
        table.add_row(finding.key, finding.place, finding.detector, finding.masked)
    return table
