"""`sightglass videos timeline`: a video's scenes, texts, motion and tracks over its time, drawn in characters."""

from typing import TYPE_CHECKING

from sightglass_client.cli.drawing import Drawing, Film
from sightglass_client.cli.run import Run

if TYPE_CHECKING:
    from sightglass_client.findings import Score


def timeline(run: Run, video_id: str, analysis_id: str | None) -> None:
    """Draw what an analysis found; without one that has found something, say so."""
    shown: Score = run.client.score(video_id, analysis_id=analysis_id)
    film = _film(run, video_id, shown.analysis_id) if shown.analysis_id else Film(0)
    if run.out.as_json:
        found = {
            name: [thing.model_dump(mode="json") for thing in things]
            for name, things in (("scenes", film.scenes), ("texts", film.texts), ("tracks", film.tracks))
        }
        run.out.document({"analysis_id": shown.analysis_id, "duration_us": film.duration_us or None, **found})
    elif film.duration_us:
        drawing = Drawing(film, run.out.columns, ascii_only=run.out.ascii_only)
        run.out.drawing(drawing.rows(), drawing.styles)
        run.out.note(drawing.legend())
    else:
        run.out.note("Nothing was found in it yet.")


def _film(run: Run, video_id: str, analysis_id: str) -> Film:
    scenes = tuple(run.client.scenes(video_id, analysis_id=analysis_id))
    texts = tuple(run.client.texts(video_id, analysis_id=analysis_id))
    tracks = tuple(run.client.tracks(video_id, analysis_id=analysis_id))
    # The duration of an analysis is written at its end; one under way may have scenes already.
    ends = [found.end_us for found in (*scenes, *texts, *tracks)]
    duration_us = run.client.analysis(analysis_id).duration_us or max(ends, default=0)
    return Film(duration_us, scenes, texts, tracks)
