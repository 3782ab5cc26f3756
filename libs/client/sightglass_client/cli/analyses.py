"""`sightglass analyses`: known videos looked at once more."""

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sightglass_client.cli.command import command, group
from sightglass_client.cli.failure import command_line
from sightglass_client.cli.options import Tier, Timeout, Wait, check_timeout
from sightglass_client.cli.run import Run
from sightglass_client.cli.submissions import VIDEOS, Item, carry_out

if TYPE_CHECKING:
    from sightglass_client.cli.progress import Progress
    from sightglass_client.models import Analysis, Submitted, Video

VideoIds = Annotated[list[str] | None, typer.Argument(metavar="VIDEO_ID", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="All videos of the tenant.")]
OlderThan = Annotated[
    int | None,
    typer.Option(
        "--older-than",
        min=1,
        metavar="VERSION",
        help="Only videos whose result was found by an older version of the analyser.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_WITH_RESULT: Final = frozenset({"done", "partial"})

app = group("analyses", "Analyses of videos.")


@command(app, "rerun")
def rerun(
    run: Run,
    video_ids: VideoIds = None,
    *,
    all_: All = False,
    older_than: OlderThan = None,
    tier: Tier = None,
    wait: Wait = False,
    timeout: Timeout = None,
    yes: Yes = False,
) -> int:
    """Analyse known videos again. What was found before is shown until the new result is there."""
    check_timeout(wait=wait, timeout=timeout)
    if all_ == bool(video_ids):
        raise typer.BadParameter("Name videos, or say --all.")
    if all_ and not yes and not _is_a_person_there():
        raise typer.BadParameter("There is nobody to ask: say --yes.")
    items = _chosen(run, video_ids or [], older_than)
    if not items:
        _say_nothing_to_do(run)
        return 0
    if all_ and not yes:
        typer.confirm(f"Analyse {len(items)} video{'s' * (len(items) > 1)} again?", abort=True, err=True)

    def start(item: "Item[Submitted]", _: "Progress") -> "Submitted":
        return run.client.rerun(item.name, tier=tier)

    def resume(left: "list[Item[Submitted]]") -> str:
        return command_line("analyses", "rerun", *(["--tier", tier] if tier else []), *(item.name for item in left))

    return carry_out(run, items, start, resume, VIDEOS, wait=wait, timeout=timeout)


def _chosen(run: Run, video_ids: list[str], older_than: int | None) -> "list[Item[Submitted]]":
    """The videos that are named, else all; of those the ones whose result is older, if that is asked for."""
    if video_ids and older_than is None:
        return [Item(video_id, video_id) for video_id in dict.fromkeys(video_ids)]
    # All are looked at before the first is started: an id that there is not ends it here.
    videos = map(run.client.video, dict.fromkeys(video_ids)) if video_ids else run.client.videos(page_size=200)
    return [
        Item(video.video_id, video.filename or video.video_id)
        for video in videos
        if older_than is None or _is_older(run, video, older_than)
    ]


def _is_older(run: Run, video: "Video", version: int) -> bool:
    """Whether what is shown of a video is a result of a version before `version`. One without a result is not old."""
    shown = _result(run, video)
    return shown is not None and (shown.analyser_version or 0) < version


def _result(run: Run, video: "Video") -> "Analysis | None":
    latest = video.latest
    if latest and latest.status in _WITH_RESULT:
        return latest
    # The newest failed or is under way: an earlier one may be what is shown.
    analysis_id = run.client.score(video.video_id).analysis_id
    shown = run.client.analysis(analysis_id) if analysis_id else None
    return shown if shown and shown.status in _WITH_RESULT else None


def _say_nothing_to_do(run: Run) -> None:
    if run.out.as_json:
        run.out.document({"items": []})
    else:
        run.out.table(("video", "status", "analysis", "job"), [], empty="There is nothing to analyse again.")


def _is_a_person_there() -> bool:
    return sys.stdin.isatty()
