"""`sightglass search`: the parts of documents that answer best."""

import re
from typing import Annotated, Final

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command
from sightglass_client.cli.run import Run

Query = Annotated[str, typer.Argument(metavar="QUERY", show_default=False)]
Datasets = Annotated[
    list[str] | None,
    typer.Option(
        "--dataset", metavar="NAME_OR_ID", help="Only there; may be repeated. Default: all.", show_default=False
    ),
]
Results = Annotated[int, typer.Option("-k", min=1, max=100, help="How many at most.")]
Documents = Annotated[
    list[str] | None,
    typer.Option("--document", metavar="REF", help="Only of that one, by your id of it.", show_default=False),
]
Videos = Annotated[
    list[str] | None, typer.Option("--video", metavar="ID", help="Only of that video.", show_default=False)
]
From = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="Of videos, from there on: 75, 1:15.", show_default=False)
]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Of videos, up to there.", show_default=False)]

_TIME: Final = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,2}):)?(\d{1,6}(?:\.\d{1,6})?)")
_LEAST_CHARS: Final = 30
_GAPS: Final = 12  # between the columns of a table


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "search")(search)


def search(
    run: Run,
    query: Query,
    *,
    datasets: Datasets = None,
    documents: Documents = None,
    videos: Videos = None,
    begin: From = None,
    end: To = None,
    k: Results = 10,
) -> None:
    """Find the parts of documents that answer best. What is sensitive in the query is replaced first."""
    wanted = {"document_refs": documents, "video_ids": videos, "from_us": _us_of(begin), "to_us": _us_of(end)}
    filters = {name: value for name, value in wanted.items() if value is not None}
    found = run.client.search(query, dataset_ids=ids_of(run, datasets), k=k, filters=filters)
    if run.out.as_json:
        run.out.document(found.model_dump(mode="json"))
        return
    rows = [(f"{one.score:.2f}", one.document, one.place, one.text) for one in found.results]
    others = sum(max((len(row[column]) for row in rows), default=0) for column in range(3)) + _GAPS
    chars = max(_LEAST_CHARS, run.out.width - others) if run.out.width else None
    shown = [(*row[:3], text.shortened(row[3], chars)) for row in rows]
    run.out.table(("score", "title", "place", "text"), shown, empty="Nothing was found.")
    if found.query != query:
        run.out.note(f"Searched for: {found.query}")
    if found.withheld:
        run.out.note(f"Not looked at: {found.withheld} documents, until they are read anew.")
    if not found.vectors:
        run.out.note("Words alone decided: no embedding model is installed.")


def ids_of(run: Run, datasets: list[str] | None) -> list[str] | None:
    """The ids of the datasets that are named; None for all. Raises NoSuchDataset."""
    return [run.client.dataset(name).dataset_id for name in datasets] if datasets else None


def _us_of(time: str | None) -> int | None:
    """Microseconds of `[[hours:]minutes:]seconds`. Raises BadParameter."""
    if time is None:
        return None
    match = _TIME.fullmatch(time)
    if match is None:
        message = f"{time!r} is no time. Give seconds, 1:15 or 1:02:03.5."
        raise typer.BadParameter(message)
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return round(((hours * 60 + minutes) * 60 + seconds) * 1_000_000)
