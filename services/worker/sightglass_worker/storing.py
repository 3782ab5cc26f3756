"""What was found as rows: scenes with their motion, texts, tracks, labels, and what the video is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from sightglass_worker.decode.results import Analysis, Preview, PreviewScene, Probe, SceneFound
from sightglass_worker.domain.motion.samples import SceneMotion
from sightglass_worker.domain.motion.tracks import Track
from sightglass_worker.domain.score.score import Score
from sightglass_worker.domain.texts.coverage import Coverage
from sightglass_worker.domain.texts.masking import masked
from sightglass_worker.domain.texts.tracker import Text
from sightglass_worker.labels.provider import Label
from sightglass_worker.pose.film import PoseCoverage
from sightglass_worker.queries import LabelRow, SceneRow, TextRow, TrackRow


def scene_row(found: SceneFound, key: str) -> SceneRow:
    """A scene whose thumbnail lies at `key`."""
    scene = found.scene
    return SceneRow(
        number=found.index,
        start_us=scene.start_us,
        end_us=scene.end_us,
        first_frame=scene.first_frame,
        last_frame=scene.last_frame,
        boundary_kind=scene.boundary_kind.value,
        boundary_score=scene.boundary_score,
        keyframe_us=found.thumbnail.t_us,
        thumbnail_key=key,
    )


def preview_scene_row(found: PreviewScene, key: str) -> SceneRow:
    """A scene of a preview whose thumbnail lies at `key`: who looks at key frames alone counts no frames."""
    scene = found.scene
    return SceneRow(
        number=found.index,
        start_us=scene.start_us,
        end_us=scene.end_us,
        first_frame=None,
        last_frame=None,
        boundary_kind=scene.boundary_kind.value,
        boundary_score=scene.boundary_score,
        keyframe_us=found.thumbnail.t_us,
        thumbnail_key=key,
    )


def probe_json(probe: Probe, analysis: Analysis) -> dict[str, Any]:
    """What a video is, as the API shows it.

    Decoding knows better than the header whether the rate varies, and what the display size is.
    """
    measured = {"frame_rate": probe.average_rate or _measured_rate(analysis), "vfr": analysis.variable_rate}
    return _header_json(probe, analysis) | measured


def preview_probe_json(probe: Probe, preview: Preview) -> dict[str, Any]:
    """What a video is, as the API shows it, before anyone has seen whether its rate varies."""
    return _header_json(probe, preview) | {"frame_rate": probe.average_rate, "vfr": None}


def _header_json(probe: Probe, seen: Analysis | Preview) -> dict[str, Any]:
    return {
        "container": probe.container,
        "codec": probe.codec,
        "profile": probe.profile,
        "pix_fmt": probe.pix_fmt,
        "bit_depth": probe.bit_depth,
        "width": seen.width,
        "height": seen.height,
        "coded_width": probe.coded_width,
        "coded_height": probe.coded_height,
        "rotation": seen.rotation,
        "sar": "{}:{}".format(*probe.sample_aspect),
        "duration_us": probe.duration_us,
        "frames": probe.frames,
        "start_offset_us": probe.start_offset_us,
        "audio_streams": [
            {"codec": a.codec, "channels": a.channels, "sample_rate": a.sample_rate} for a in probe.audio
        ],
        "size_bytes": probe.size_bytes,
    }


def _measured_rate(analysis: Analysis) -> float | None:
    if not analysis.duration_us:
        return None
    return round(float(Fraction(analysis.frames * 1_000_000, analysis.duration_us)), 3)


def with_motion(row: SceneRow, motion: SceneMotion | None) -> SceneRow:
    """A scene with what moves in it."""
    if motion is None:
        return row
    return replace(row, motion_kind=motion.kind.value, motion_mean=motion.mean, motion_p95=motion.p95)


def text_row(text: Text) -> TextRow:
    """A text on screen. Postgres keeps no NUL."""
    clear = text.text.replace("\0", "")
    return TextRow(
        number=text.number,
        start_us=text.spans[0].start_us,
        end_us=text.spans[-1].end_us,
        clear=clear,
        masked=masked(clear),
        confidence=text.confidence,
        spans=[{"start_us": s.start_us, "end_us": s.end_us, "box": rounded(s.box)} for s in text.spans],
    )


def track_row(track: Track) -> TrackRow:
    """A track without its samples, which the overlay shows."""
    boxes = [sample.box for sample in track.samples]
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return TrackRow(
        number=track.number,
        method=track.method,
        label=track.label,
        start_us=track.start_us,
        end_us=track.end_us,
        samples=len(boxes),
        bounds=rounded((left, top, right - left, bottom - top)),
    )


def score_json(score: Score) -> dict[str, Any]:
    """A score as the API shows it."""
    return {
        "version": score.version,
        "total": score.total,
        "reason": score.reason,
        "parts": [
            {
                "name": part.name,
                "raw": part.raw,
                "reference": list(part.reference),
                "weight": part.weight,
                "score": part.score,
                "missing": part.missing,
                "from_us": part.from_us,
                "to_us": part.to_us,
                "samples": part.count,
            }
            for part in score.parts
        ],
    }


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    """What was read of the screens, as the API shows it."""
    return {
        "looks": coverage.looks,
        "read": coverage.read,
        "capped": coverage.skipped_by_cap,
        "failed": coverage.failed,
        "unread_us": coverage.unread_us,
    }


def label_rows(labels: Iterable[Label]) -> list[LabelRow]:
    """Labels in order, numbered within their scenes."""
    numbers: Counter[int] = Counter()
    rows: list[LabelRow] = []
    for label in labels:
        box = None if label.box is None else rounded(label.box)
        rows.append(LabelRow(label.scene, numbers[label.scene], label.t_us, label.name, label.confidence, box))
        numbers[label.scene] += 1
    return rows


def pose_coverage_json(coverage: PoseCoverage) -> dict[str, Any]:
    """What was looked at for persons, as the API shows it."""
    return {
        "looks": coverage.looks,
        "found": coverage.found,
        "failed": coverage.failed,
        "reason": coverage.reason,
    }


def rounded(box: Iterable[float]) -> list[float]:
    """A box with four digits: a tenth of a pixel of 1080p."""
    return [round(value, 4) for value in box]
