"""Tables of what was found in a video: its scenes, the texts on screen, and the score."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sightglass_client.cli import text
from sightglass_client.cli.output import Output

if TYPE_CHECKING:
    from sightglass_client.findings import Label, Motion, Scene, Score, ScreenFinding, Span, Text


def print_scenes(out: Output, scenes: "Sequence[Scene]") -> None:
    """A line for each scene; what it shows, if anything was said of that."""
    labelled = any(scene.labels for scene in scenes)
    rows = [
        (
            str(scene.number),
            text.timecode(scene.start_us),
            text.timecode(scene.end_us),
            text.timecode(scene.end_us - scene.start_us),
            scene.boundary.kind if scene.boundary else "",
            text.decimal(scene.boundary.score if scene.boundary else None),
            _motion(scene.motion),
            *([_names(scene.labels)] if labelled else []),
        )
        for scene in scenes
    ]
    columns = ("scene", "start", "end", "length", "begins with", "score", "motion", *(["shows"] if labelled else []))
    out.table(columns, rows, empty="No scenes.")


def print_texts(out: Output, texts: "Sequence[Text]") -> None:
    """A line for each stay of a text, with its place at first: on the way it may move."""
    rows = [
        (
            str(found.number),
            text.timecode(stay[0].start_us),
            text.timecode(stay[-1].end_us),
            " ".join(map(text.decimal, stay[0].box)),
            text.decimal(found.confidence),
            found.text,
        )
        for found in texts
        for stay in _stays(found.spans)
    ]
    out.table(("text", "start", "end", "box", "confidence", "reads"), rows, empty="No texts.")


def print_sensitive(out: Output, found: "Sequence[ScreenFinding]") -> None:
    """A line for each stay of something sensitive, with its place at first; nothing where there is none."""
    detailed = any(finding.detail for finding in found)
    rows = [
        (
            text.timecode(stay[0].start_us),
            text.timecode(stay[-1].end_us),
            " ".join(map(text.decimal, stay[0].box)),
            finding.detector,
            finding.severity,
            text.decimal(finding.confidence),
            finding.masked,
            *([finding.detail] if detailed else []),
            finding.state,
        )
        for finding in found
        for stay in _stays(finding.spans)
    ]
    more = ["detail"] if detailed else []
    columns = ("sensitive from", "to", "box", "detector", "severity", "confidence", "masked", *more, "state")
    if rows:
        out.table(columns, rows)


def print_score(out: Output, score: "Score") -> None:
    """The score and what it was reckoned from."""
    total = f"{text.decimal(score.total)} of 100" if score.total is not None else f"none: {score.reason or ''}"
    version = str(score.version or "")
    out.facts({"score": total, "formula": version})
    if not score.parts:
        return
    rows = [
        (
            part.name,
            text.decimal(part.score),
            text.decimal(part.weight),
            text.decimal(part.raw),
            " - ".join(map(text.decimal, part.reference or ())),
            str(part.samples or ""),
            text.timecode(part.from_us if part.samples else None),
            text.timecode(part.to_us if part.samples else None),
        )
        for part in score.parts
    ]
    out.table(("part", "score", "weight", "raw", "reference", "samples", "from", "to"), rows)


def _stays(spans: "Sequence[Span]") -> "list[list[Span]]":
    """Spans that follow each other without a pause, as of what is scrolled."""
    stays: list[list[Span]] = []
    for span in spans:
        if stays and span.start_us <= stays[-1][-1].end_us:
            stays[-1].append(span)
        else:
            stays.append([span])
    return stays


def _motion(motion: "Motion | None") -> str:
    if motion is None:
        return ""
    return motion.kind if motion.kind == "still" else f"{motion.kind} {text.decimal(motion.mean)}/s"


def _names(labels: "Sequence[Label]") -> str:
    """Each name once, with the highest confidence that it has in a frame."""
    surest: dict[str, float] = {}
    for label in labels:
        surest[label.name] = max(surest.get(label.name, 0.0), label.confidence or 0.0)
    return ", ".join(f"{name} {text.decimal(sure)}" for name, sure in surest.items())
