"""`sightglass videos`: what is there and what was found in it."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command, group
from sightglass_client.cli.facts import analysis_facts, facts_of
from sightglass_client.cli.findings import print_scenes, print_score, print_sensitive, print_texts
from sightglass_client.cli.run import Run
from sightglass_client.cli.timeline import timeline as draw

if TYPE_CHECKING:
    from sightglass_client.models import Video

_PREVIEW = " Scenes begin at key frames. Next: sightglass analyses rerun --tier exact"

Limit = Annotated[int, typer.Option("--limit", min=0, help="How many at most; 0 for all.")]
VideoId = Annotated[str, typer.Argument(metavar="VIDEO_ID", show_default=False)]
AnalysisId = Annotated[
    str | None,
    typer.Option("--analysis", metavar="ID", help="Another analysis than the default.", show_default=False),
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


app = group("videos", "Videos and what was found in them.", default=listed)
command(app, "ls")(listed)


@command(app, "show")
def show(run: Run, video_id: VideoId, *, analysis: AnalysisId = None) -> None:
    """Show one video: its newest analysis, and the scenes, texts, what is sensitive in them, and the score."""
    video = run.client.video(video_id)
    score = run.client.score(video_id, analysis_id=analysis)
    # Of one analysis, also when another gets its result meanwhile.
    found = score.analysis_id
    scenes = list(run.client.scenes(video_id, analysis_id=found)) if found else []
    texts = list(run.client.texts(video_id, analysis_id=found)) if found else []
    sensitive = list(run.client.screen_findings(video_id, analysis_id=found)) if found else []
    if run.out.as_json:
        listed = {
            "scenes": [scene.model_dump(mode="json") for scene in scenes],
            "texts": [text.model_dump(mode="json") for text in texts],
            "findings": [finding.model_dump(mode="json") for finding in sensitive],
        }
        run.out.document({**video.model_dump(mode="json"), **listed, "score": score.model_dump(mode="json")})
        return
    others = {"results of": found} if found and video.latest and found != video.latest.analysis_id else {}
    run.out.facts({**facts_of(video), **analysis_facts(video.latest), **others})
    if found:
        print_scenes(run.out, scenes)
        print_texts(run.out, texts)
        print_sensitive(run.out, sensitive)
        print_score(run.out, score)


@command(app, "scenes")
def scenes(run: Run, video_id: VideoId, *, analysis: AnalysisId = None) -> None:
    """List the scenes of a video."""
    found = run.client.scene_list(video_id, analysis_id=analysis)
    if run.out.as_json:
        run.out.document(found.model_dump(mode="json"))
        return
    print_scenes(run.out, found.items)
    if found.tier:
        run.out.note(f"Tier: {found.tier}; {found.status}.{_PREVIEW if found.tier == 'preview' else ''}")


@command(app, "timeline")
def timeline(run: Run, video_id: VideoId, *, analysis: AnalysisId = None) -> None:
    """Draw a video's scenes, texts, motion and tracks over its time."""
    draw(run, video_id, analysis)


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
