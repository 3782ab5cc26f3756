"""`sightglass providers`: the models that write answers."""

import os
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sightglass_client.cli.command import command, group
from sightglass_client.cli.failure import FAILED, command_line
from sightglass_client.cli.jobs import Limit
from sightglass_client.cli.run import Run

if TYPE_CHECKING:
    from sightglass_client.providers import Provider

NameOrId = Annotated[str, typer.Argument(metavar="NAME_OR_ID", show_default=False)]
Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
Platform = Annotated[bool, typer.Option("--platform", help="Those for all tenants (platform_admin).")]
Kind = Annotated[
    str, typer.Option("--kind", metavar="KIND", help="openai (whoever speaks as it does), anthropic or bedrock.")
]
Model = Annotated[str, typer.Option("--model", metavar="MODEL", help="As the provider calls it.", show_default=False)]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="Of openai up to /v1, of anthropic without.", show_default=False),
]
Region = Annotated[str | None, typer.Option("--region", metavar="REGION", help="Of bedrock.", show_default=False)]
KeyFrom = Annotated[
    str | None,
    typer.Option("--key-from", metavar="VARIABLE", help="The environment variable with its key.", show_default=False),
]
Rank = Annotated[int, typer.Option("--rank", min=0, help="The lowest is asked first.")]
Budget = Annotated[int | None, typer.Option("--tokens-a-month", min=0, help="In and out together.", show_default=False)]
Seconds = Annotated[float, typer.Option("--timeout", min=0.0, metavar="SECONDS", help="Give up waiting.")]
# What is checked, in the order in which it is met.
_CHECKS: Final = ("reachable", "key_accepted", "model_known", "streams", "tokens_told")


def listed(run: Run, *, limit: Limit = 50, platform: Platform = False) -> None:
    """List the providers, newest first. Their keys are shown to nobody."""
    found = run.client.providers(platform=platform, page_size=min(limit or 200, 200))
    providers = list(islice(found, limit or None))
    if run.out.as_json:
        run.out.document({"items": [one.model_dump(mode="json") for one in providers]})
        return
    rows = [
        (p.provider_id, p.name, p.kind, p.model, str(p.rank), "on" if p.enabled else "off", _used(p)) for p in providers
    ]
    columns = ("provider", "name", "kind", "model", "rank", "is", "tokens this month")
    run.out.table(columns, rows, empty="No providers: answers are sentences of the sources, word for word.")


app = group("providers", "Providers: the models that write answers.", default=listed)
command(app, "ls")(listed)


@command(app, "add")
def add(
    run: Run,
    name: Name,
    *,
    kind: Kind = "openai",
    model: Model,
    base_url: BaseUrl = None,
    region: Region = None,
    key_from: KeyFrom = None,
    rank: Rank = 0,
    tokens_a_month: Budget = None,
    platform: Platform = False,
) -> None:
    """Add a provider. Its key is taken from a variable, so that no history of commands has it."""
    key = None if key_from is None else os.environ.get(key_from)
    if key_from is not None and not key:
        raise typer.BadParameter(f"There is no variable {key_from}, or it is empty.", param_hint="--key-from")
    given = {"base_url": base_url, "region": region, "api_key": key, "tokens_a_month": tokens_a_month, "rank": rank}
    more = {field: value for field, value in given.items() if value is not None}
    made = run.client.add_provider(name, kind, model, platform=platform, **more)
    if run.out.as_json:
        run.out.document(made.model_dump(mode="json"))
        return
    run.out.facts({"provider": made.provider_id, "name": made.name, "kind": made.kind, "model": made.model})
    flag = ("--platform",) if platform else ()
    run.out.note(f"Next: {command_line('providers', 'test', made.name, *flag)}")


@command(app, "test")
def tried(run: Run, provider: NameOrId, *, timeout: Seconds = 60.0, platform: Platform = False) -> int | None:
    """See what works of a provider: it is asked for one word, which counts in its budget."""
    found = run.client.provider(provider, platform=platform)
    result = run.client.test_provider(found.provider_id, platform=platform, timeout=timeout)
    if run.out.as_json:
        run.out.document(result.model_dump(mode="json"))
    else:
        facts = {"works": _told(result.works)}
        facts |= {check.replace("_", " "): _told(getattr(result, check)) for check in _CHECKS}
        if result.first_word_ms is not None:
            facts["first word"] = f"{result.first_word_ms} ms"
        run.out.facts(facts | ({"detail": result.detail} if result.detail else {}))
    return None if result.works else FAILED


@command(app, "rm")
def remove(run: Run, provider: NameOrId, *, platform: Platform = False) -> None:
    """Remove a provider, and its key for good."""
    found = run.client.provider(provider, platform=platform)
    run.client.delete_provider(found.provider_id, platform=platform)
    run.out.note(f"Removed {found.name}.")


def _told(holds: bool | None) -> str:  # noqa: FBT001 -- of an answer, not a switch
    return "not known" if holds is None else "yes" if holds else "no"


def _used(provider: "Provider") -> str:
    limit = "" if provider.tokens_a_month is None else f" of {provider.tokens_a_month}"
    return f"{provider.tokens_this_month}{limit}"
