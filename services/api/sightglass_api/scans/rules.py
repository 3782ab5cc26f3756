"""What rows of scans mean to a client: pure."""

from typing import Final, cast

from sightglass_api.jobs.rules import error_of
from sightglass_api.scans.finding_queries import FindingRow
from sightglass_api.scans.queries import ScanRow
from sightglass_api.scans.schemas import (
    Finding,
    Sample,
    Scan,
    ScanFindings,
    ScanInventory,
    ScanObjects,
    ScanStatus,
    Source,
)

_SKIPPED: Final = "skipped:"
_PARTLY: Final = "partly:"
_SEVERITY: Final = "finding:severity:"
_DETECTOR: Final = "finding:detector:"


def scan_of(row: ScanRow) -> Scan:
    """A scan as a client sees it."""
    counters = sorted(row.counters)
    objects = {name: count for name, count, _ in counters}
    size_bytes = {name: total for name, _, total in counters}
    skipped, by_severity = _under(_SKIPPED, objects), _under(_SEVERITY, objects)
    listed, done, failed = (objects.get(name, 0) for name in ("listed", "done", "failed"))
    over = done + failed + sum(skipped.values())
    status = status_of(row)
    rate = over / row.seconds if row.seconds else None
    return Scan(
        scan_id=row.scan_id,
        job_id=row.job_id,
        bucket=row.bucket,
        prefix=row.prefix,
        include=list(row.include_patterns),
        exclude=list(row.exclude_patterns),
        detectors=None if row.detectors is None else list(row.detectors),
        min_confidence=round(row.min_confidence, 6),
        max_object_bytes=row.max_object_bytes,
        incremental=row.incremental,
        sample=_sample_of(row),
        normalise=row.normalise,
        ocr=row.ocr,
        media=row.media,
        source=cast("Source", row.source),
        inventory=_inventory_of(row),
        status=status,
        objects=ScanObjects(
            listed=listed,
            done=done,
            skipped=skipped,
            failed=failed,
            handed=objects.get("handed", 0) if row.status in {"queued", "running"} else 0,
            unchanged=objects.get("unchanged", 0),
            partly=_under(_PARTLY, objects),
        ),
        bytes=size_bytes.get("done", 0),
        bytes_listed=size_bytes.get("listed", 0),
        findings=ScanFindings(
            total=sum(by_severity.values()), by_severity=by_severity, by_detector=_under(_DETECTOR, objects)
        ),
        rate=None if rate is None else round(rate, 3),
        eta_s=round((listed - over) / rate, 1) if status == "running" and rate else None,
        cancel_requested=row.cancel_requested,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        error=error_of(row.error_code, row.error_detail, row.error_stage, retryable=row.error_retryable),
    )


def finding_of(row: FindingRow) -> Finding:
    """A finding as a client sees it."""
    return Finding.model_validate(
        {
            "key": row.object_key,
            **{name: getattr(row, name) for name in FindingRow.__slots__ if name not in {"object_key", "confidence"}},
            "confidence": round(row.confidence, 6),
        }
    )


def _sample_of(row: ScanRow) -> Sample | None:
    if row.sample_share is None and row.sample_objects is None:
        return None
    return Sample(share=row.sample_share, objects=row.sample_objects, seed=row.sample_seed)


def _inventory_of(row: ScanRow) -> ScanInventory | None:
    if row.source != "inventory":
        return None
    return ScanInventory(manifest=row.inventory_manifest, made_at=row.inventory_at)


def status_of(row: ScanRow) -> ScanStatus:
    """A scan's status as a client sees it."""
    if row.status in {"queued", "running"}:
        return "listing" if row.listing else "running"
    return cast("ScanStatus", row.status)


def _under(prefix: str, counted: dict[str, int]) -> dict[str, int]:
    return {name.removeprefix(prefix): count for name, count in counted.items() if name.startswith(prefix)}
