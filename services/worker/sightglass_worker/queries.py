"""All SQL of the worker. Each function runs in the caller's tenant transaction."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db
from sightglass_common.errors import AnalysisNotFound

_SOURCE: Final = """
    SELECT v.bucket, v.object_key, v.version_id, v.etag, v.size_bytes,
           v.bucket = %(own_bucket)s OR EXISTS (SELECT FROM bucket_link b WHERE b.bucket = v.bucket) AS linked
    FROM analysis a JOIN video v USING (tenant_id, video_id)
    WHERE a.analysis_id = %(analysis_id)s AND a.job_id = %(job_id)s
"""
_RESULT: Final = """
    UPDATE analysis
    SET attempt = %(attempt)s, analyser_version = %(analyser_version)s, probe = %(probe)s::jsonb,
        duration_us = %(duration_us)s, frames = %(frames)s, bad_packets = %(bad_packets)s,
        partial = %(partial)s, partial_reason = %(partial_reason)s,
        text_coverage = %(text_coverage)s::jsonb, pose_coverage = %(pose_coverage)s::jsonb, score = %(score)s::jsonb,
        labels = %(labels)s::jsonb,
        sprite_key = %(sprite_key)s, storyboard_key = %(storyboard_key)s, texts_scanned_at = NULL
    WHERE analysis_id = %(analysis_id)s
"""
_PREVIEW: Final = """
    UPDATE analysis
    SET attempt = %(attempt)s, analyser_version = %(analyser_version)s, probe = %(probe)s::jsonb,
        duration_us = %(duration_us)s, bad_packets = %(bad_packets)s,
        partial = %(partial)s, partial_reason = %(partial_reason)s, preview = %(preview)s::jsonb
    WHERE analysis_id = %(analysis_id)s
"""
# A retried job has what it found before replaced.
_FORGET: Final = """
    WITH texts AS (DELETE FROM screen_text WHERE analysis_id = %(analysis_id)s),
         findings AS (DELETE FROM analysis_finding WHERE analysis_id = %(analysis_id)s),
         tracks AS (DELETE FROM track WHERE analysis_id = %(analysis_id)s),
         labels AS (DELETE FROM scene_label WHERE analysis_id = %(analysis_id)s),
         artifacts AS (DELETE FROM artifact WHERE analysis_id = %(analysis_id)s)
    DELETE FROM scene WHERE analysis_id = %(analysis_id)s
"""
_SCENES: Final = """
    INSERT INTO scene (tenant_id, analysis_id, number, start_us, end_us, first_frame, last_frame,
                       boundary_kind, boundary_score, keyframe_us, thumbnail_key, motion_kind, motion_mean, motion_p95)
    SELECT %(tenant_id)s, %(analysis_id)s, s.number, s.start_us, s.end_us, s.first_frame, s.last_frame,
           s.boundary_kind, s.boundary_score, s.keyframe_us, s.thumbnail_key, s.motion_kind, s.motion_mean, s.motion_p95
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS s (
        number bigint, start_us bigint, end_us bigint, first_frame bigint, last_frame bigint,
        boundary_kind text, boundary_score real, keyframe_us bigint, thumbnail_key text,
        motion_kind text, motion_mean real, motion_p95 real)
"""
_TEXTS: Final = """
    INSERT INTO screen_text (tenant_id, analysis_id, number, start_us, end_us, clear, masked, confidence, spans)
    SELECT %(tenant_id)s, %(analysis_id)s, t.number, t.start_us, t.end_us, t.clear, t.masked, t.confidence, t.spans
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (
        number bigint, start_us bigint, end_us bigint, clear text, masked text, confidence real, spans jsonb)
"""
_TRACKS: Final = """
    INSERT INTO track (tenant_id, analysis_id, number, method, label, start_us, end_us, samples, bounds)
    SELECT %(tenant_id)s, %(analysis_id)s, t.number, t.method, t.label, t.start_us, t.end_us, t.samples, t.bounds
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (
        number bigint, method text, label text, start_us bigint, end_us bigint, samples bigint, bounds jsonb)
"""
_ARTIFACTS: Final = """
    INSERT INTO artifact (tenant_id, analysis_id, name, kind, object_key, content_type, size_bytes, start_us, end_us)
    SELECT %(tenant_id)s, %(analysis_id)s, a.name, a.kind, a.object_key, a.content_type, a.size_bytes,
           a.start_us, a.end_us
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS a (
        name text, kind text, object_key text, content_type text, size_bytes bigint, start_us bigint, end_us bigint)
"""
_LABELS: Final = """
    INSERT INTO scene_label (tenant_id, analysis_id, scene, number, t_us, name, confidence, box)
    SELECT %(tenant_id)s, %(analysis_id)s, l.scene, l.number, l.t_us, l.name, l.confidence, l.box
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS l (
        scene bigint, number bigint, t_us bigint, name text, confidence real, box jsonb)
"""
_ROWS_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Source:
    """The object that an analysis is of. linked: whether the tenant may (still) have it looked at."""

    bucket: str
    object_key: str
    version_id: str
    etag: str
    size_bytes: int
    linked: bool


@dataclass(frozen=True, slots=True)
class SceneRow:
    """A scene as it is stored. first_frame, last_frame: None where nobody has counted frames."""

    number: int
    start_us: int
    end_us: int
    first_frame: int | None
    last_frame: int | None
    boundary_kind: str
    boundary_score: float
    keyframe_us: int
    thumbnail_key: str
    motion_kind: str | None = None
    motion_mean: float | None = None
    motion_p95: float | None = None


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text on screen as it is stored. spans: `{"start_us", "end_us", "box"}` each."""

    number: int
    start_us: int
    end_us: int
    clear: str
    masked: str
    confidence: float
    spans: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track as it is stored: where it was at each moment is in the overlay. bounds: x, y, width, height."""

    number: int
    method: str
    label: str
    start_us: int
    end_us: int
    samples: int
    bounds: list[float]


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """A file that belongs to an analysis, in the platform's bucket."""

    name: str
    kind: str
    object_key: str
    content_type: str
    size_bytes: int
    start_us: int | None = None
    end_us: int | None = None


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label as it is stored. scene: its number. number: the label's own within the scene."""

    scene: int
    number: int
    t_us: int
    name: str
    confidence: float
    box: list[float] | None


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt has found, as it is stored. Keys are of the platform's bucket."""

    analyser_version: int
    probe: dict[str, Any]
    duration_us: int
    frames: int
    bad_packets: int
    partial: bool
    partial_reason: str | None
    text_coverage: dict[str, Any] | None
    pose_coverage: dict[str, Any] | None
    score: dict[str, Any] | None
    labels: dict[str, Any]
    sprite_key: str | None
    storyboard_key: str | None
    scenes: Iterable[SceneRow]
    texts: Sequence[TextRow] = ()
    tracks: Iterable[TrackRow] = ()
    artifacts: Sequence[ArtifactRow] = ()
    scene_labels: Sequence[LabelRow] = ()


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What an attempt at a preview has found beside its scenes. preview: `{"key_frames", "longest_gap_us"}`."""

    analyser_version: int
    probe: dict[str, Any]
    duration_us: int
    bad_packets: int
    partial: bool
    partial_reason: str | None
    preview: dict[str, int]


async def source_of(db: Db, analysis_id: UUID, job_id: UUID, *, own_bucket: str) -> Source:
    """Which object to analyse. Raises AnalysisNotFound."""
    async with db.cursor(row_factory=class_row(Source)) as cursor:
        await cursor.execute(_SOURCE, {"analysis_id": analysis_id, "job_id": job_id, "own_bucket": own_bucket})
        source = await cursor.fetchone()
    if source is None:
        raise AnalysisNotFound(analysis_id=str(analysis_id))
    return source


async def store_result(db: Db, tenant_id: UUID, analysis_id: UUID, *, attempt: int, result: Result) -> None:
    """Write what an attempt has found; what an earlier job's run had found goes."""
    values = {"tenant_id": tenant_id, "analysis_id": analysis_id}
    row = {
        "attempt": attempt,
        "analyser_version": result.analyser_version,
        "probe": json.dumps(result.probe),
        "duration_us": result.duration_us,
        "frames": result.frames,
        "bad_packets": result.bad_packets,
        "partial": result.partial,
        "partial_reason": result.partial_reason,
        "text_coverage": json.dumps(result.text_coverage) if result.text_coverage else None,
        "pose_coverage": json.dumps(result.pose_coverage) if result.pose_coverage else None,
        "score": json.dumps(result.score) if result.score else None,
        "labels": json.dumps(result.labels),
        "sprite_key": result.sprite_key,
        "storyboard_key": result.storyboard_key,
    }
    await db.execute(_RESULT, values | row)
    await forget(db, analysis_id)
    await add_scenes(db, tenant_id, analysis_id, result.scenes)
    await _insert(db, _TEXTS, values, result.texts)
    await _insert(db, _TRACKS, values, result.tracks)
    await _insert(db, _ARTIFACTS, values, result.artifacts)
    await _insert(db, _LABELS, values, result.scene_labels)


async def forget(db: Db, analysis_id: UUID) -> None:
    """Remove what earlier attempts or an earlier job's run have found."""
    await db.execute(_FORGET, {"analysis_id": analysis_id})


async def add_scenes(db: Db, tenant_id: UUID, analysis_id: UUID, scenes: Iterable[SceneRow]) -> None:
    """Write scenes of an analysis that it does not have yet."""
    await _insert(db, _SCENES, {"tenant_id": tenant_id, "analysis_id": analysis_id}, scenes)


async def store_preview(db: Db, analysis_id: UUID, *, attempt: int, found: PreviewRow) -> None:
    """Write what an attempt at a preview has found; its scenes are there."""
    row = asdict(found) | {"probe": json.dumps(found.probe), "preview": json.dumps(found.preview)}
    await db.execute(_PREVIEW, {"analysis_id": analysis_id, "attempt": attempt} | row)


async def _insert(
    db: Db,
    statement: LiteralString,
    values: dict[str, UUID],
    rows: Iterable[SceneRow | TextRow | TrackRow | ArtifactRow | LabelRow],
) -> None:
    """Insert rows, a thousand at once: a long film has tens of thousands of tracks."""
    coming = iter(rows)
    while some := [asdict(row) for row in islice(coming, _ROWS_AT_ONCE)]:
        await db.execute(statement, values | {"rows": json.dumps(some)})
