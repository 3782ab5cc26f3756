"""`sightglass datasets`: documents that are searched, and answered from, together."""

import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command, group
from sightglass_client.cli.failure import command_line
from sightglass_client.cli.jobs import Limit, watch
from sightglass_client.cli.options import Timeout, Wait, check_timeout
from sightglass_client.cli.run import Run
from sightglass_client.cli.submissions import Item, Shape, carry_out
from sightglass_client.cli.tally import Tally, tallies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sightglass_client.cli.progress import Progress
    from sightglass_client.datasets import Dataset, IndexingBegun

NameOrId = Annotated[str, typer.Argument(metavar="NAME_OR_ID", show_default=False)]
Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
DOCUMENT = typer.Argument(metavar="DOCUMENT_ID", show_default=False)
DocumentId = Annotated[str, DOCUMENT]
SourceId = Annotated[str, typer.Argument(metavar="SOURCE_ID", show_default=False)]
Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Documents; of JSON Lines each line is one.", show_default=False),
]
Videos = Annotated[list[str] | None, typer.Argument(metavar="[VIDEO...]", help="Ids of videos.", show_default=False)]
Language = Annotated[
    str, typer.Option("--language", metavar="CODE", help="Of most documents, as en or de; simple: none of them.")
]
Questions = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help='JSON Lines of {"question", "relevant": {document_ref: grade}}.',
        exists=True,
        dir_okay=False,
        show_default=False,
    ),
]
Status = Annotated[
    str | None,
    typer.Option("--status", metavar="STATUS", help="queued, read, ready, skipped or failed.", show_default=False),
]


def listed(run: Run, *, limit: Limit = 50) -> None:
    """List the datasets, newest first."""
    datasets = list(islice(run.client.datasets(page_size=min(limit or 200, 200)), limit or None))
    if run.out.as_json:
        run.out.document({"items": [dataset.model_dump(mode="json") for dataset in datasets]})
        return
    rows = [
        (d.dataset_id, d.name, d.language, str(d.documents), str(d.segments), text.moment(d.created_at))
        for d in datasets
    ]
    columns = ("dataset", "name", "language", "documents", "segments", "created")
    run.out.table(columns, rows, empty="No datasets. Next: sightglass datasets create NAME")


app = group("datasets", "Datasets: documents that are searched, and answered from, together.", default=listed)
command(app, "ls")(listed)


@command(app, "create")
def create(run: Run, name: Name, *, language: Language = "en") -> None:
    """Make a dataset."""
    made = run.client.create_dataset(name, language=language)
    _print(run, made)
    if not run.out.as_json:
        run.out.note(f"Next: {command_line('datasets', 'add', made.name)} FILE...")


@command(app, "show")
def show(run: Run, dataset: NameOrId) -> None:
    """Show one dataset."""
    _print(run, run.client.dataset(dataset))


@command(app, "add")
def add(run: Run, dataset: NameOrId, files: Files, *, wait: Wait = False, timeout: Timeout = None) -> int:
    """Upload documents and index them. With --wait, exit 5 when some were skipped.

    A cut upload goes on when the command is given again.

    Text, Markdown, HTML, PDF, DOCX, PPTX, XLSX, CSV, e-mail and more; JSON Lines of {"id", "text", "title"?,
    "metadata"?}. What is sensitive in them is replaced before anything is indexed.
    """
    check_timeout(wait=wait, timeout=timeout)
    _check(files)
    dataset_id = run.client.dataset(dataset).dataset_id

    def start(item: "Item[IndexingBegun]", progress: "Progress") -> "IndexingBegun":
        return run.client.add_document(dataset_id, item.name, progress.upload(item.shown))

    def resume(left: "list[Item[IndexingBegun]]") -> str:
        return command_line("datasets", "add", dataset, *(item.name for item in left))

    def count(begun: "Sequence[IndexingBegun]") -> list[Tally]:
        return tallies(run.client.documents_of(dataset_id, begun), [one.source_id for one in begun])

    items: list[Item[IndexingBegun]] = [Item(str(path), path.name) for path in files]
    shape = Shape("path", ("source_id", "job_id"), count)
    return carry_out(run, items, start, resume, shape, wait=wait, timeout=timeout)


@command(app, "documents")
def documents(run: Run, dataset: NameOrId, *, status: Status = None, limit: Limit = 50) -> None:
    """List the documents of a dataset, newest first."""
    dataset_id = run.client.dataset(dataset).dataset_id
    pages = run.client.documents(dataset_id, status=status, page_size=min(limit or 200, 200))
    found = list(islice(pages, limit or None))
    if run.out.as_json:
        run.out.document({"items": [document.model_dump(mode="json") for document in found]})
        return
    rows = [
        (
            d.document_id,
            d.title,
            d.document_ref or "",
            "withheld" if d.withheld else d.status,
            d.withheld_reason or d.reason or "",
            str(d.redactions),
            str(d.segments),
            text.moment(d.created_at),
        )
        for d in found
    ]
    columns = ("document", "title", "ref", "status", "reason", "redactions", "segments", "created")
    run.out.table(columns, rows, empty=f"No documents. Next: {command_line('datasets', 'add', dataset)} FILE...")


@command(app, "add-videos")
def add_videos(
    run: Run,
    dataset: NameOrId,
    videos: Videos = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All of yours, also those to come.")] = False,
    wait: Wait = False,
    timeout: Timeout = None,
) -> int | None:
    """Have a dataset hold videos: what their scenes show is searched, and answered from, with its times.

    One that is not analysed yet is found as soon as it is. What is sensitive on a screen is replaced before.
    """
    check_timeout(wait=wait, timeout=timeout)
    if every == bool(videos):
        raise typer.BadParameter("Name videos by their ids, or give --all.")
    begun = run.client.add_videos(run.client.dataset(dataset).dataset_id, None if every else videos)
    if wait:
        return watch(run, begun.job_id, timeout=timeout)
    if run.out.as_json:
        run.out.document(begun.model_dump(mode="json"))
    else:
        run.out.facts({"source": begun.source_id, "job": begun.job_id})
    return None


@command(app, "videos")
def videos(run: Run, dataset: NameOrId, *, limit: Limit = 50) -> None:
    """List the videos that a dataset holds, newest first."""
    pages = run.client.dataset_videos(run.client.dataset(dataset).dataset_id, page_size=min(limit or 200, 200))
    found = list(islice(pages, limit or None))
    if run.out.as_json:
        run.out.document({"items": [video.model_dump(mode="json") for video in found]})
        return
    rows = [(v.video_id, v.filename, v.status, v.reason or "", str(v.segments)) for v in found]
    columns = ("video", "file", "status", "reason", "segments")
    run.out.table(columns, rows, empty=f"No videos. Next: {command_line('datasets', 'add-videos', dataset)} --all")


@command(app, "remove-video")
def remove_video(run: Run, dataset: NameOrId, video: Annotated[str, typer.Argument(metavar="VIDEO")]) -> None:
    """Take a video out of a dataset. From now on nothing of it is found there; the video itself stays."""
    run.client.remove_video(run.client.dataset(dataset).dataset_id, video)
    run.out.note(f"Took {video} out.")


@command(app, "evaluate")
def evaluate(run: Run, dataset: NameOrId, file: Questions) -> None:
    """Try how well a dataset is searched, by questions of your own."""
    questions = _questions(file)
    found = run.client.evaluate(run.client.dataset(dataset).dataset_id, questions)
    if run.out.as_json:
        run.out.document(found.model_dump(mode="json"))
        return
    ways = (("words", found.words), ("vectors", found.vectors), ("both", found.both))
    rows = [
        (name, f"{way.ndcg_at_10:.3f}", f"{way.recall_at_10:.3f}", f"{way.p50_ms:.0f} ms", f"{way.p95_ms:.0f} ms")
        for name, way in ways
        if way
    ]
    run.out.table(("by", "nDCG@10", "recall@10", "median", "p95"), rows, empty="")
    if found.missing:
        run.out.note(f"Of the documents that are relevant, {found.missing} are not in the dataset.")


@command(app, "delete")
def delete(run: Run, dataset: NameOrId) -> None:
    """Delete a dataset, with its documents. From now on nothing of it is found."""
    found = run.client.dataset(dataset)
    run.client.delete_dataset(found.dataset_id)
    run.out.note(f"Deleted {found.name}.")


@command(app, "sources")
def sources(run: Run, dataset: NameOrId, *, limit: Limit = 50) -> None:
    """List the files of a dataset, newest first, with what became of each."""
    dataset_id = run.client.dataset(dataset).dataset_id
    found = list(islice(run.client.sources(dataset_id, page_size=min(limit or 200, 200)), limit or None))
    if run.out.as_json:
        run.out.document({"items": [source.model_dump(mode="json") for source in found]})
        return
    rows = [
        (s.source_id, s.filename, s.state, str(s.documents), str(s.ready), str(s.skipped), str(s.withheld), s.job_id)
        for s in found
    ]
    columns = ("source", "file", "state", "documents", "ready", "skipped", "withheld", "job")
    run.out.table(columns, rows, empty=f"No files. Next: {command_line('datasets', 'add', dataset)} FILE...")


@command(app, "rm-document")
def remove_document(run: Run, dataset: NameOrId, document: DocumentId) -> None:
    """Delete a document, and answers that cite it. From now on nothing of it is found."""
    run.client.delete_document(run.client.dataset(dataset).dataset_id, document)
    run.out.note(f"Deleted {document}.")


@command(app, "rm-source")
def remove_source(run: Run, dataset: NameOrId, source: SourceId) -> None:
    """Delete a file with its documents, and answers that cite one. From now on nothing of them is found."""
    run.client.delete_source(run.client.dataset(dataset).dataset_id, source)
    run.out.note(f"Deleted {source}.")


@command(app, "reindex")
def reindex(run: Run, dataset: NameOrId, document: Annotated[str | None, DOCUMENT] = None) -> None:
    """Read the files of a dataset anew, or that of one document. Meanwhile what was read before is found."""
    begun = run.client.reindex(run.client.dataset(dataset).dataset_id, document)
    if run.out.as_json:
        run.out.document(begun.model_dump(mode="json"))
        return
    run.out.note(f"Follow it: {command_line('jobs', 'watch', begun.job_id)}")


def _check(files: list[Path]) -> None:
    """All files are looked at before the first is sent."""
    from sightglass_client.source import Source  # noqa: PLC0415 - loads the HTTP library

    for path in files:
        Source.of(path)


def _print(run: Run, dataset: "Dataset") -> None:
    if run.out.as_json:
        run.out.document(dataset.model_dump(mode="json"))
        return
    run.out.facts(
        {
            "dataset": dataset.dataset_id,
            "name": dataset.name,
            "description": dataset.description,
            "language": dataset.language,
            "documents": str(dataset.documents),
            "segments": str(dataset.segments),
            "withheld": str(dataset.withheld),
            "created": text.moment(dataset.created_at),
        }
    )


def _questions(file: Path) -> "list[dict[str, object]]":
    """The questions of a file. Raises BadParameter."""
    try:
        return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    except ValueError as error:
        message = f"{file} is not JSON Lines: {error}."
        raise typer.BadParameter(message) from error
