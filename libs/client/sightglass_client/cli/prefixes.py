"""`sightglass datasets ...-prefix`: datasets that are kept in step with the objects below prefixes of buckets."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command
from sightglass_client.cli.datasets import NameOrId
from sightglass_client.cli.failure import FAILED, PARTIAL, command_line
from sightglass_client.cli.jobs import Limit
from sightglass_client.cli.options import Timeout, Wait, check_timeout
from sightglass_client.cli.run import Run
from sightglass_client.cli.scan import Exclude, Include, Place, bucket_and_prefix

if TYPE_CHECKING:
    from sightglass_client.prefixes import Prefix

Every = Annotated[int, typer.Option("--every", min=0, metavar="MINUTES", help="Sync so often; 0: when asked for.")]
Known = Annotated[
    str | None,
    typer.Argument(metavar="[PREFIX_ID|s3://BUCKET/PREFIX]", help="Only this one.", show_default=False),
]
One = Annotated[str, typer.Argument(metavar="PREFIX_ID|s3://BUCKET/PREFIX", show_default=False)]


def add_prefix(
    run: Run,
    dataset: NameOrId,
    place: Place,
    *,
    include: Include = None,
    exclude: Exclude = None,
    every: Every = 60,
    wait: Wait = False,
    timeout: Timeout = None,
) -> int:
    """Have a dataset hold what a linked bucket has below a prefix. With --wait, exit 5 when some was skipped.

    Each object is a document, as an uploaded file is. With each sync, what is new or changed is read, and what is gone
    is removed.
    """
    check_timeout(wait=wait, timeout=timeout)
    dataset_id = run.client.dataset(dataset).dataset_id
    bucket, prefix = bucket_and_prefix(place)
    begun = run.client.add_prefix(
        dataset_id, bucket, prefix, include=include, exclude=exclude, every_minutes=every or None
    )
    return _followed(run, dataset_id, [begun.prefix_id], wait=wait, timeout=timeout)


def sync(run: Run, dataset: NameOrId, prefix: Known = None, *, wait: Wait = False, timeout: Timeout = None) -> int:
    """Bring a dataset in step with its prefixes now. With --wait, exit 5 when some was skipped."""
    check_timeout(wait=wait, timeout=timeout)
    dataset_id = run.client.dataset(dataset).dataset_id
    ids = [one.prefix_id for one in _named(run, dataset_id, prefix)]
    for prefix_id in ids:
        run.client.sync_prefix(dataset_id, prefix_id)
    return _followed(run, dataset_id, ids, wait=wait, timeout=timeout)


def prefixes(run: Run, dataset: NameOrId, *, limit: Limit = 50) -> None:
    """List the prefixes that a dataset is kept in step with, newest first."""
    dataset_id = run.client.dataset(dataset).dataset_id
    _print(run, list(islice(run.client.prefixes(dataset_id, page_size=min(limit or 200, 200)), limit or None)), dataset)


def remove_prefix(run: Run, dataset: NameOrId, prefix: One) -> None:
    """Take a prefix out of a dataset. From now on nothing of its objects is found; the objects themselves stay."""
    dataset_id = run.client.dataset(dataset).dataset_id
    for one in _named(run, dataset_id, prefix):
        run.client.delete_prefix(dataset_id, one.prefix_id)
        run.out.note(f"Took {one.place} out.")


def add_to(datasets: typer.Typer) -> None:
    """Add the commands to the group of datasets."""
    command(datasets, "add-prefix")(add_prefix)
    command(datasets, "sync")(sync)
    command(datasets, "prefixes")(prefixes)
    command(datasets, "rm-prefix")(remove_prefix)


def _named(run: Run, dataset_id: str, prefix: str | None) -> "list[Prefix]":
    """The prefixes that somebody means; None: all. Raises typer.BadParameter when there is none."""
    known = list(run.client.prefixes(dataset_id, page_size=200))
    found = [one for one in known if prefix in (None, one.prefix_id, one.place)]
    if not found:
        message = f"The dataset has no prefix {prefix or 'yet'}; `sightglass datasets prefixes` lists them."
        raise typer.BadParameter(message)
    return found


def _followed(run: Run, dataset_id: str, ids: list[str], *, wait: bool, timeout: float | None) -> int:
    run.resume = command_line("datasets", "prefixes", dataset_id)
    if wait:
        found = [run.client.wait_for_prefix(dataset_id, one, timeout=timeout) for one in ids]
    else:
        found = [run.client.prefix(dataset_id, one) for one in ids]
    _print(run, found, dataset_id)
    return max(map(_code, found)) if wait else 0


def _code(prefix: "Prefix") -> int:
    """The exit code that a sync comes to."""
    if prefix.sync.status != "done":
        return FAILED
    return PARTIAL if prefix.sync.skipped or prefix.skipped or prefix.failed else 0


def _print(run: Run, found: "list[Prefix]", dataset: str) -> None:
    if run.out.as_json:
        run.out.document({"items": [one.model_dump(mode="json") for one in found]})
        return
    rows = [
        (
            one.prefix_id,
            one.place,
            f"{one.sync.status} ({one.sync.error.code})" if one.sync.error else one.sync.status,
            str(one.sync.listed),
            str(one.sync.new),
            str(one.sync.changed + one.sync.retried),
            str(one.sync.removed),
            ", ".join(f"{count} {reason}" for reason, count in one.sync.skipped.items()) or "0",
            str(one.reading),
            str(one.ready),
            str(one.skipped),
            text.moment(one.next_at),
        )
        for one in found
    ]
    columns = (
        "prefix", "where", "sync", "listed", "new", "changed", "removed", "left", "reading", "ready", "skipped", "next"
    )  # fmt: skip
    run.out.table(
        columns, rows, empty=f"No prefixes. Next: {command_line('datasets', 'add-prefix', dataset)} s3://BUCKET/PREFIX"
    )
