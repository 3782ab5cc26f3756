"""`sightglass bots`: datasets under a name that people talk to."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command, group
from sightglass_client.cli.failure import command_line
from sightglass_client.cli.jobs import Limit
from sightglass_client.cli.run import Run
from sightglass_client.cli.search import Datasets, ids_of

if TYPE_CHECKING:
    from sightglass_client.bots import Bot

NameOrId = Annotated[str, typer.Argument(metavar="NAME_OR_ID", show_default=False)]
Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
NewName = Annotated[str | None, typer.Option("--name", metavar="NAME", help="Another name.", show_default=False)]
Description = Annotated[
    str | None, typer.Option("--description", metavar="TEXT", help="What it is for.", show_default=False)
]
Greeting = Annotated[
    str | None, typer.Option("--greeting", metavar="TEXT", help="What it says before it is asked.", show_default=False)
]

Origins = Annotated[
    list[str],
    typer.Option("--origin", metavar="ORIGIN", help="Of the pages, as https://www.example.com; again for more."),
]
ADay = Annotated[int, typer.Option("--questions-a-day", metavar="N", help="Of all visitors together.")]
KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", show_default=False)]


def listed(run: Run, *, limit: Limit = 50) -> None:
    """List the bots, newest first."""
    bots = list(islice(run.client.bots(page_size=min(limit or 200, 200)), limit or None))
    if run.out.as_json:
        run.out.document({"items": [bot.model_dump(mode="json") for bot in bots]})
        return
    rows = [(b.bot_id, b.name, str(b.version), _datasets(b), text.moment(b.created_at)) for b in bots]
    columns = ("bot", "name", "version", "datasets", "changed")
    run.out.table(columns, rows, empty="No bots. Next: sightglass bots create NAME")


app = group("bots", "Bots: datasets under a name that people talk to.", default=listed)
command(app, "ls")(listed)


@command(app, "create")
def create(
    run: Run, name: Name, *, datasets: Datasets = None, description: Description = None, greeting: Greeting = None
) -> None:
    """Make a bot, which answers from the datasets that are named, or from all."""
    ids = ids_of(run, datasets)
    made = run.client.create_bot(name, description=description or "", greeting=greeting or "", dataset_ids=ids)
    _print(run, made)
    if not run.out.as_json:
        run.out.note(f"Next: {command_line('ask', 'QUESTION', '--bot', made.name)}")


@command(app, "show")
def show(run: Run, bot: NameOrId) -> None:
    """Show one bot."""
    _print(run, run.client.bot(bot))


@command(app, "change")
def change(
    run: Run,
    bot: NameOrId,
    *,
    name: NewName = None,
    datasets: Datasets = None,
    description: Description = None,
    greeting: Greeting = None,
) -> None:
    """Change a bot. Conversations that have begun keep to what it was."""
    wanted = {"name": name, "description": description, "greeting": greeting, "dataset_ids": ids_of(run, datasets)}
    changes = {field: value for field, value in wanted.items() if value is not None}
    _print(run, run.client.change_bot(run.client.bot(bot).bot_id, **changes))


@command(app, "delete")
def delete(run: Run, bot: NameOrId) -> None:
    """End a bot: it takes no more questions. What was said with it stays."""
    found = run.client.bot(bot)
    run.client.delete_bot(found.bot_id)
    run.out.note(f"Deleted {found.name}.")


@command(app, "publish")
def publish(run: Run, bot: NameOrId, origins: Origins, *, questions_a_day: ADay = 1000) -> None:
    """Make a key with which visitors of pages ask the bot, and show the line that puts it on a page."""
    found = run.client.bot(bot)
    made = run.client.publish_bot(found.bot_id, origins, questions_a_day=questions_a_day)
    tag = f'<script src="{run.client.config.url}/widget.js" data-key="{made.key}" async></script>'
    if run.out.as_json:
        run.out.document({**made.model_dump(mode="json"), "script": tag})
        return
    run.out.facts({"key": made.key_id, "origins": ", ".join(made.origins), "page": tag})


@command(app, "keys")
def keys(run: Run, bot: NameOrId) -> None:
    """List the bot's publishable keys, newest first."""
    found = run.client.publishable_keys(run.client.bot(bot).bot_id)
    if run.out.as_json:
        run.out.document({"items": [one.model_dump(mode="json") for one in found]})
        return
    rows = [(k.key_id, k.key, ", ".join(k.origins), str(k.questions_a_day), text.moment(k.created_at)) for k in found]
    columns = ("id", "key", "origins", "a day", "made")
    run.out.table(columns, rows, empty="No keys. Next: sightglass bots publish NAME --origin ORIGIN")


@command(app, "unpublish")
def unpublish(run: Run, bot: NameOrId, key_id: KeyId) -> None:
    """End a publishable key: pages that carry it ask no more."""
    run.client.revoke_publishable_key(run.client.bot(bot).bot_id, key_id)
    run.out.note(f"Ended {key_id}.")


def _datasets(bot: "Bot") -> str:
    return "all" if bot.dataset_ids is None else str(len(bot.dataset_ids))


def _print(run: Run, bot: "Bot") -> None:
    if run.out.as_json:
        run.out.document(bot.model_dump(mode="json"))
        return
    run.out.facts(
        {
            "bot": bot.bot_id,
            "name": bot.name,
            "version": str(bot.version),
            "description": bot.description,
            "greeting": bot.greeting,
            "datasets": "all" if bot.dataset_ids is None else ", ".join(bot.dataset_ids),
            "changed": text.moment(bot.created_at),
        }
    )
