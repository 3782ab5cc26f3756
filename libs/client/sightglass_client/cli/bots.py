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
_AGAIN = "An empty text takes it back."
Provider = Annotated[
    str | None,
    typer.Option("--provider", metavar="NAME_OR_ID", help=f"Asked before the others. {_AGAIN}", show_default=False),
]
Model = Annotated[
    str | None,
    typer.Option("--model", metavar="MODEL", help=f"In place of the provider's own. {_AGAIN}", show_default=False),
]
Prompt = Annotated[
    str | None, typer.Option("--prompt", metavar="TEXT", help="What a model is told it is for.", show_default=False)
]
Temperature = Annotated[
    float | None, typer.Option("--temperature", min=0.0, max=2.0, help="How freely it writes.", show_default=False)
]
Language = Annotated[
    str | None, typer.Option("--language", metavar="TAG", help=f"Of answers, as de. {_AGAIN}", show_default=False)
]
Origins = Annotated[
    list[str] | None,
    typer.Option("--origin", metavar="ORIGIN", help="A page that may show it; more of them.", show_default=False),
]

Pages = Annotated[
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
    run: Run,
    name: Name,
    *,
    datasets: Datasets = None,
    description: Description = None,
    greeting: Greeting = None,
    provider: Provider = None,
    model: Model = None,
    prompt: Prompt = None,
    temperature: Temperature = None,
    language: Language = None,
    origins: Origins = None,
) -> None:
    """Make a bot, which answers from the datasets that are named, or from all."""
    ids = ids_of(run, datasets)
    manner = _manner(
        run,
        provider=provider,
        model=model,
        prompt=prompt,
        temperature=temperature,
        language=language,
        origins=origins,
    )
    made = run.client.create_bot(
        name, description=description or "", greeting=greeting or "", dataset_ids=ids, **manner
    )
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
    provider: Provider = None,
    model: Model = None,
    prompt: Prompt = None,
    temperature: Temperature = None,
    language: Language = None,
    origins: Origins = None,
) -> None:
    """Change a bot. Conversations that have begun keep to what it was."""
    wanted = {"name": name, "description": description, "greeting": greeting, "dataset_ids": ids_of(run, datasets)}
    changes = {field: value for field, value in wanted.items() if value is not None}
    changes |= _manner(
        run,
        provider=provider,
        model=model,
        prompt=prompt,
        temperature=temperature,
        language=language,
        origins=origins,
    )
    _print(run, run.client.change_bot(run.client.bot(bot).bot_id, **changes))


@command(app, "delete")
def delete(run: Run, bot: NameOrId) -> None:
    """End a bot: it takes no more questions. What was said with it stays."""
    found = run.client.bot(bot)
    run.client.delete_bot(found.bot_id)
    run.out.note(f"Deleted {found.name}.")


@command(app, "publish")
def publish(run: Run, bot: NameOrId, origins: Pages, *, questions_a_day: ADay = 1000) -> None:
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


def _manner(
    run: Run,
    *,
    provider: str | None,
    model: str | None,
    prompt: str | None,
    temperature: float | None,
    language: str | None,
    origins: list[str] | None,
) -> dict[str, object]:
    """How a bot is to answer, as far as it is named; an empty text is none."""
    given: dict[str, object] = {
        "provider_id": run.client.provider(provider).provider_id if provider else provider,
        "model": model,
        "language": language,
    }
    manner = {field: value or None for field, value in given.items() if value is not None}
    kept = {"system_prompt": prompt, "temperature": temperature, "allowed_origins": origins}
    return manner | {field: value for field, value in kept.items() if value is not None}


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
            **_told(bot),
            "changed": text.moment(bot.created_at),
        }
    )


def _told(bot: "Bot") -> dict[str, str]:
    """How it answers, as far as it is said."""
    temperature = "" if bot.temperature is None else f"{bot.temperature:g}"
    told = {
        "provider": bot.provider_id,
        "model": bot.model,
        "prompt": bot.system_prompt,
        "temperature": temperature,
        "language": bot.language,
        "origins": ", ".join(bot.allowed_origins),
    }
    return {name: value for name, value in told.items() if value}
