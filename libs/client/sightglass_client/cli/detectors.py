"""`sightglass detectors`: the kinds of values that scans look for."""

from typing import Annotated

import typer

from sightglass_client.cli.command import command, group
from sightglass_client.cli.run import Run

DetectorId = Annotated[str, typer.Argument(metavar="DETECTOR_ID", show_default=False)]
Own = Annotated[bool, typer.Option("--own", help="Only those of your own.")]
Pattern = Annotated[
    str | None,
    typer.Option("--pattern", metavar="REGEX", help="As B-[0-9]{6}; every repeat bounded.", show_default=False),
]
Words = Annotated[list[str] | None, typer.Option("--word", metavar="TEXT", help="A value as it is; may be repeated.")]
Keywords = Annotated[
    list[str] | None, typer.Option("--keyword", metavar="TEXT", help="One must stand nearby; may be repeated.")
]
Severity = Annotated[str, typer.Option("--severity", metavar="SEVERITY", help="low, medium, high or critical.")]


def listed(run: Run, *, own: Own = False) -> None:
    """List the detectors, your own first."""
    found = [detector for detector in run.client.detectors() if detector.own or not own]
    if run.out.as_json:
        run.out.document({"items": [detector.model_dump(mode="json") for detector in found]})
        return
    rows = [(d.detector_id, d.family, d.severity, "" if d.on else "off", d.title) for d in found]
    run.out.table(("detector", "family", "severity", "default", "title"), rows, empty="None of your own.")


app = group("detectors", "Detectors: the kinds of values that scans look for.", default=listed)
command(app, "ls")(listed)


@command(app, "add")
def add(
    run: Run,
    detector_id: DetectorId,
    *,
    pattern: Pattern = None,
    words: Words = None,
    keywords: Keywords = None,
    severity: Severity = "medium",
) -> None:
    """Add a detector of your own, by a pattern or by words. Scans that begin from now on look for it."""
    if (pattern is None) == (not words):
        raise typer.BadParameter("Give either --pattern or --word.")
    added = run.client.add_detector(
        detector_id, pattern=pattern, words=words or (), keywords=keywords or (), severity=severity
    )
    if run.out.as_json:
        run.out.document(added.model_dump(mode="json"))
    else:
        run.out.facts({"detector": added.detector_id, "family": added.family, "severity": added.severity})


@command(app, "rm")
def remove(run: Run, detector_id: DetectorId) -> None:
    """Remove a detector of your own. What it has found stays."""
    run.client.remove_detector(detector_id)
    run.out.note(f"Removed {detector_id}.")
