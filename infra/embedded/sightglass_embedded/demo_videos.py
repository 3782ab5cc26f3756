"""Some videos through the client library: uploaded, waited for, shown, their thumbnails fetched."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from sightglass_client.cli.progress import progress
from sightglass_client.cli.text import size, timecode
from sightglass_client.client import Sightglass
from sightglass_client.findings import Scene
from sightglass_client.models import Analysis, Submitted
from sightglass_embedded.output import near

_TIMEOUT_S: Final = 300.0
_SHOWN_SCENES: Final = 12


def analysed(videos: Sequence[Path], *, url: str, api_key: str, thumbnails: Path) -> list[dict[str, Any]]:
    """Put videos through Sightglass and print a table for each. Blocks.

    Returns, for each, what demo.json holds about it, and in `missing` what did not come.
    """
    console = Console(highlight=False, soft_wrap=True)
    with Sightglass(url, api_key) as client:
        submitted = _finished(client, videos)
        return [_result(client, console, path, job, thumbnails / path.stem) for path, job in submitted.items()]


def _finished(client: Sightglass, videos: Sequence[Path]) -> dict[Path, Submitted]:
    """Upload all, then wait for all; they are worked on meanwhile."""
    with progress(quiet=False) as shown:
        submitted = {path: client.upload(path, shown.upload(path.name)) for path in videos}
        for path, job in submitted.items():
            told = shown.job(path.name)
            for state in client.watch(job.job_id, timeout=_TIMEOUT_S):
                told(state)
    return submitted


def _result(client: Sightglass, console: Console, path: Path, submitted: Submitted, thumbnails: Path) -> dict[str, Any]:
    analysis = client.analysis(submitted.analysis_id)
    scenes = list(client.scenes(submitted.video_id, analysis_id=submitted.analysis_id))
    files = _fetched(client, scenes, thumbnails)
    missing = _missing(analysis, scenes, files)
    console.print(_table(path, analysis, scenes, thumbnails))
    if missing:
        why = f" ({analysis.error.code}: {analysis.error.detail})" if analysis.error else ""
        console.print(f"[red]missing: {', '.join(missing)}{why}[/red]")
    return {
        "name": path.name,
        "video_id": submitted.video_id,
        "analysis_id": submitted.analysis_id,
        "status": analysis.status,
        "duration_us": analysis.duration_us,
        "frames": analysis.frames,
        "scenes": [{"start_us": scene.start_us, "end_us": scene.end_us} for scene in scenes],
        "thumbnail": str(files[0]) if files else None,
        "missing": missing,
    }


def _fetched(client: Sightglass, scenes: Sequence[Scene], folder: Path) -> list[Path]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob("scene-*.jpg"):
        old.unlink()
    links = {folder / f"scene-{scene.number:02}.jpg": scene.thumbnail for scene in scenes}
    return [client.download(link, path) for path, link in links.items() if link]


def _missing(analysis: Analysis, scenes: Sequence[Scene], thumbnails: Sequence[Path]) -> list[str]:
    there = {
        "a finished analysis": analysis.status == "done",
        "the header": analysis.probe is not None,
        "duration": bool(analysis.duration_us),
        "frames": bool(analysis.frames),
        "scenes": bool(scenes),
        "thumbnails": len(thumbnails) == len(scenes),
    }
    return [name for name, is_there in there.items() if not is_there]


def _table(path: Path, analysis: Analysis, scenes: Sequence[Scene], thumbnails: Path) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=path.name, title_justify="left", show_header=False, pad_edge=False)
    for name, value in _facts(path, analysis).items():
        table.add_row(name, value)
    for scene in scenes[:_SHOWN_SCENES]:
        begins = scene.boundary.kind if scene.boundary else ""
        table.add_row(f"scene {scene.number}", f"{timecode(scene.start_us)} - {timecode(scene.end_us)}  {begins}")
    if len(scenes) > _SHOWN_SCENES:
        table.add_row("", f"and {len(scenes) - _SHOWN_SCENES} more")
    table.add_row("thumbnails", f"{near(thumbnails)}/scene-*.jpg")
    return table


def _facts(path: Path, analysis: Analysis) -> dict[str, str]:
    probe = analysis.probe
    rate = f"{probe.frame_rate:.3f}".rstrip("0").rstrip(".") if probe and probe.frame_rate else "?"
    return {
        "status": analysis.status,
        "container": (probe and probe.container) or "?",
        "codec": (probe and probe.codec) or "?",
        "size": f"{probe.width}x{probe.height}, {size(path.stat().st_size)}" if probe else "?",
        "duration": f"{timecode(analysis.duration_us)}, {analysis.frames} frames",
        "frame rate": f"{rate}/s{' on average, varies' if probe and probe.vfr else ''}",
    }
