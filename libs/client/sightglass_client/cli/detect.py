"""`sightglass detect`: files of this machine, without a server."""

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command. What it takes is what `python -m sightglass_detect` takes."""
    app.command(
        "detect",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        add_help_option=False,
    )(detect)


def detect(ctx: typer.Context) -> None:
    """Find sensitive data in files of this machine; exits with 3 when there is any. No server is asked."""
    from sightglass_detect.cli.running import main  # noqa: PLC0415 - other commands start without it

    words = list(ctx.args)
    if ctx.parent is not None and ctx.parent.params.get("as_json"):
        words += ("--format", "jsonl")
    raise typer.Exit(main(words, program="sightglass detect"))
