"""A scan as names and values."""

from typing import TYPE_CHECKING

from sightglass_client.cli import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sightglass_client.scans import Sample, Scan, Scores


def facts_of(scan: "Scan", scored: "Scores | None" = None) -> "Mapping[str, str]":
    """What was asked for, how far that is, and what was found; "" for what there is nothing to say of."""
    whole, *folders = scored.items if scored else [None]
    objects, error = scan.objects, scan.error
    return {
        "scan": scan.scan_id,
        "where": f"s3://{scan.bucket}/{scan.prefix}",
        "inventory": _inventory(scan),
        **_asked(scan),
        "status": scan.status,
        "cancelling": "yes" if scan.cancel_requested and not scan.over else "",
        "objects": f"{objects.listed} listed, {objects.done} done, {objects.failed} failed",
        "handed on": str(objects.handed or ""),
        "unchanged": str(objects.unchanged or ""),
        "skipped": text.counts(objects.skipped),
        "partly": text.counts(objects.partly),
        "bytes": text.size(scan.bytes),
        "findings": f"{scan.findings.total} {text.counts(scan.findings.by_severity)}".strip(),
        "detectors": text.counts(scan.findings.by_detector),
        "score": "" if whole is None else f"{whole.score} of 100",
        "folders": ", ".join(f"{item.score} {item.prefix}" for item in folders if item),
        "rate": "" if scan.rate is None else f"{scan.rate:.1f} objects/s",
        "left": "" if scan.eta_s is None else f"{scan.eta_s:.0f} s",
        "created": text.moment(scan.created_at),
        "finished": text.moment(scan.finished_at),
        "error": text.sentence(error.title or error.code, error.detail) if error else "",
    }


def _asked(scan: "Scan") -> dict[str, str]:
    modes = {
        "incremental": scan.incremental,
        "normalise": scan.normalise,
        "ocr": scan.ocr,
        "no media": not scan.media,
    }
    return {
        "include": ", ".join(scan.include),
        "exclude": ", ".join(scan.exclude),
        "looks for": ", ".join(scan.detectors or ()),
        "confidence": "" if scan.min_confidence is None else f"at least {text.decimal(scan.min_confidence)}",
        "up to": text.size(scan.max_object_bytes),
        "sample": _sample(scan.sample) if scan.sample else "",
        "modes": ", ".join(mode for mode, on in modes.items() if on),
    }


def _sample(sample: "Sample") -> str:
    part = f"{sample.objects} objects" if sample.objects is not None else f"{sample.share or 0:g} of the objects"
    return f"{part}, seed {sample.seed}"


def _inventory(scan: "Scan") -> str:
    told = scan.inventory
    if told is None or told.manifest is None:
        return "" if scan.source == "list" else "not found yet"
    return told.manifest + (f", of {text.moment(told.made_at)}" if told.made_at else "")
