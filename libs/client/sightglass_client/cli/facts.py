"""A video and its analysis as names and values."""

from typing import TYPE_CHECKING

from sightglass_client.cli import text

if TYPE_CHECKING:
    from sightglass_client.findings import LabelSummary, PoseCoverage, Preview, Probe, TextCoverage
    from sightglass_client.models import Analysis, Video


def facts_of(video: "Video") -> dict[str, str]:
    """What a video is."""
    return {
        "video": video.video_id,
        "file": video.filename or "",
        "object": f"s3://{video.bucket}/{video.key}",
        "size": text.size(video.size_bytes),
        "created": text.moment(video.created_at),
    }


def analysis_facts(analysis: "Analysis | None") -> dict[str, str]:
    """How an analysis stands, and how much it has found."""
    if analysis is None:
        return {"analysis": "none"}
    error = analysis.error
    return {
        "analysis": analysis.analysis_id,
        "status": analysis.status,
        "why partial": analysis.partial_reason or "",
        "tier": analysis.tier or "",
        "analyser": str(analysis.analyser_version or ""),
        **(_probe(analysis.probe) if analysis.probe else {}),
        "duration": text.timecode(analysis.duration_us),
        "frames": str(analysis.frames or ""),
        "damaged packets": str(analysis.bad_packets or ""),
        "scenes": str(analysis.scene_count or ""),
        "texts": str(analysis.text_count or ""),
        "texts read": _coverage(analysis.text_coverage) if analysis.text_coverage else "",
        "key frames": _key_frames(analysis.preview) if analysis.preview else "",
        "tracks": str(analysis.track_count or ""),
        "labels": _labels(analysis.labels) if analysis.labels and analysis.labels.status != "off" else "",
        "poses": _poses(analysis.pose_coverage) if analysis.pose_coverage else "",
        "error": text.sentence(error.title or error.code, error.detail) if error else "",
        "job": analysis.job_id or "",
    }


def _key_frames(preview: "Preview") -> str:
    return f"{preview.key_frames}, up to {text.timecode(preview.longest_gap_us)} apart"


def _coverage(coverage: "TextCoverage") -> str:
    unread = f", {text.timecode(coverage.unread_us)} unread" if coverage.unread_us else ""
    return f"{coverage.read} of {coverage.looks} looks{unread}"


def _labels(labels: "LabelSummary") -> str:
    why = f" ({labels.reason})" if labels.reason else ""
    counts = {
        "frames labelled": labels.labelled,
        "of these cached": labels.cached,
        "withheld": labels.withheld,
        "over budget": labels.budget,
        "calls": labels.calls,
    }
    return ", ".join([f"{labels.status}{why}", *(f"{count} {name}" for name, count in counts.items() if count)])


def _poses(coverage: "PoseCoverage") -> str:
    failed = f", {coverage.failed} failed: {coverage.reason}" if coverage.failed else ""
    return f"in {coverage.found} of {coverage.looks} looks{failed}"


def _probe(probe: "Probe") -> dict[str, str]:
    size = f"{probe.width}x{probe.height}" if probe.width and probe.height else ""
    rate = f"{probe.frame_rate:.3f}".rstrip("0").rstrip(".") if probe.frame_rate else ""
    return {
        "container": probe.container or "",
        "codec": " ".join(part for part in (probe.codec, probe.profile, probe.pix_fmt) if part),
        "picture": size,
        "frame rate": f"{rate} (varies)" if rate and probe.vfr else rate,
    }
