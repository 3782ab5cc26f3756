"""Rows of videos and scenes as clients see them, with links made for them."""

from typing import Literal, cast

from sightglass_api.analyses.presenting import analysis_of, link_to
from sightglass_api.analyses.queries import AnalysisRow
from sightglass_api.analyses.schemas import Link
from sightglass_api.names import inline, shown_type
from sightglass_api.objects import Objects
from sightglass_api.videos.queries import SceneRow, VideoRow
from sightglass_api.videos.schemas import Boundary, Scene, Video


async def video_of(row: VideoRow, latest: AnalysisRow | None, objects: Objects, bucket: str) -> Video:
    """A video as a client sees it; `bucket` holds the artifacts."""
    return Video(
        video_id=row.video_id,
        filename=row.filename,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        bucket=row.bucket,
        key=row.object_key,
        created_at=row.created_at,
        latest=None if latest is None else await analysis_of(latest, objects, bucket),
    )


async def original_of(row: VideoRow, objects: Objects) -> Link:
    """A link to the object itself, in the version that was analysed where the bucket keeps versions."""
    link = await objects.link(
        row.bucket,
        row.object_key,
        row.version_id,
        disposition=inline(row.filename),
        content_type=shown_type(row.content_type),
    )
    return Link.model_validate(link)


async def scene_of(row: SceneRow, objects: Objects, bucket: str) -> Scene:
    """A scene as a client sees it; `bucket` holds the thumbnails."""
    kind = cast('Literal["start", "cut", "fade"]', row.boundary_kind)  # the table's own check allows no other
    return Scene(
        number=row.number,
        start_us=row.start_us,
        end_us=row.end_us,
        first_frame=row.first_frame,
        last_frame=row.last_frame,
        boundary=Boundary(kind=kind, score=row.boundary_score),
        keyframe_us=row.keyframe_us,
        thumbnail=await link_to(objects, bucket, row.thumbnail_key),
    )
