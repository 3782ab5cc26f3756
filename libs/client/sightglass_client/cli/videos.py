"""`sightglass videos`: what is there and what was found in it."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command, group
from sightglass_client.cli.run import Run

if TYPE_CHECKING:
    from sightglass_client.models import Analysis, Probe, Video

Limit = Annotated[int, typer.Option("--limit", min=0, help="How many at most; 0 for all.")]
VideoId = Annotated[str, typer.Argument(metavar="VIDEO_ID", show_default=False)]
AnalysisId = Annotated[
    str | None, typer.Option("--analysis", metavar="ID", help="Another analysis than the newest.", show_default=False)
]


def listed(run: Run, *, limit: Limit = 50) -> None:
    """List the videos, newest first."""
    videos = list(islice(run.client.videos(page_size=min(limit or 200, 200)), limit or None))
    if run.out.as_json:
        run.out.document({"items": [video.model_dump(mode="json") for video in videos]})
        return
    rows = [_row(video) for video in videos]
    columns = ("video", "file", "size", "duration", "scenes", "status", "created")
    run.out.table(columns, rows, empty="No videos yet. Next: sightglass upload PATH")


app = group("videos", "Videos and their scenes.", default=listed)
command(app, "ls")(listed)


@command(app, "show")
def show(run: Run, video_id: VideoId) -> None:
    """Show one video and its newest analysis."""
    video = run.client.video(video_id)
    if run.out.as_json:
        run.out.document(video.model_dump(mode="json"))
        return
    run.out.facts({**_facts(video), **_analysis(video.latest)})


@command(app, "scenes")
def scenes(run: Run, video_id: VideoId, *, analysis: AnalysisId = None) -> None:
    """List the scenes of a video."""
    found = list(run.client.scenes(video_id, analysis_id=analysis))
    if run.out.as_json:
        run.out.document({"items": [scene.model_dump(mode="json") for scene in found]})
        return
    rows = [
        (
            str(scene.number),
            text.timecode(scene.start_us),
            text.timecode(scene.end_us),
            text.timecode(scene.end_us - scene.start_us),
            scene.boundary.kind if scene.boundary else "",
        )
        for scene in found
    ]
    run.out.table(("scene", "start", "end", "length", "begins with"), rows, empty="No scenes.")


def _row(video: "Video") -> tuple[str, ...]:
    latest = video.latest
    return (
        video.video_id,
        video.filename or video.key,
        text.size(video.size_bytes),
        text.timecode(latest.duration_us) if latest else "",
        str(latest.scene_count) if latest and latest.scene_count is not None else "",
        latest.status if latest else "",
        text.moment(video.created_at),
    )


def _facts(video: "Video") -> dict[str, str]:
    return {
        "video": video.video_id,
        "file": video.filename or "",
        "object": f"s3://{video.bucket}/{video.key}",
        "size": text.size(video.size_bytes),
        "created": text.moment(video.created_at),
    }


def _analysis(analysis: "Analysis | None") -> dict[str, str]:
    if analysis is None:
        return {"analysis": "none"}
    error = analysis.error
    return {
        "analysis": analysis.analysis_id,
        "status": analysis.status,
        **(_probe(analysis.probe) if analysis.probe else {}),
        "duration": text.timecode(analysis.duration_us),
        "frames": str(analysis.frames or ""),
        "damaged packets": str(analysis.bad_packets or ""),
        "scenes": str(analysis.scene_count or ""),
        "error": text.sentence(error.title or error.code, error.detail) if error else "",
        "job": analysis.job_id or "",
    }


def _probe(probe: "Probe") -> dict[str, str]:
    size = f"{probe.width}x{probe.height}" if probe.width and probe.height else ""
    rate = f"{probe.frame_rate:.3f}".rstrip("0").rstrip(".") if probe.frame_rate else ""
    return {
        "container": probe.container or "",
        "codec": " ".join(part for part in (probe.codec, probe.profile, probe.pix_fmt) if part),
        "picture": size,
        "frame rate": f"{rate} (varies)" if rate and probe.vfr else rate,
    }
