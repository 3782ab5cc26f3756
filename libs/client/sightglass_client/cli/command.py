"""Makes commands of functions: the options that all of them have, and the one door that errors leave by."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Final, cast

import typer

from sightglass_client.cli.failure import outcome_of
from sightglass_client.cli.run import Run

# A command takes the run first, then its own arguments, and returns its exit code (None: 0).
Body = Callable[..., int | None]

_JSON: Final = Annotated[bool, typer.Option("--json", help="Print JSON, one document (streams: one a line).")]
_URL: Final = Annotated[str, typer.Option("--url", metavar="URL", help="Address of the API.", show_default=False)]
_DEBUG: Final = Annotated[bool, typer.Option("--debug", help="Show stack traces.")]
_COMMON: Final = (("as_json", _JSON, False), ("url", _URL, ""), ("debug", _DEBUG, False))


def group(name: str, help_text: str, *, completion: bool = False, default: Body | None = None) -> typer.Typer:
    """A group of commands. default: what it does when none is named; without one it shows its help."""
    app = typer.Typer(
        name=name,
        help=help_text,
        add_completion=completion,
        no_args_is_help=default is None,
        invoke_without_command=default is not None,
        # Both would load rich before anything is printed.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )

    def callback(run: Run, ctx: typer.Context) -> int | None:
        return default(run) if default and ctx.invoked_subcommand is None else None

    app.callback()(_wrapped(callback))
    return app


def command(app: typer.Typer, name: str) -> Callable[[Body], Body]:
    """Add a function to `app` as the command `name`; its docstring is the help."""

    def add(body: Body) -> Body:
        app.command(name)(_wrapped(body))
        return body

    return add


def _wrapped(body: Body) -> Callable[..., None]:
    @wraps(body)
    def wrapper(**given: object) -> None:
        ctx = cast("typer.Context", given["ctx"] if wants_ctx else given.pop("ctx"))
        own = {name: value for name, value in given.items() if name not in {common for common, _, _ in _COMMON}}
        run = Run(
            as_json=bool(_flag(ctx, "as_json")), url=str(_flag(ctx, "url") or ""), debug=bool(_flag(ctx, "debug"))
        )
        with outcome_of(run):
            if code := body(run, **own):
                raise typer.Exit(code)

    parameters = list(inspect.signature(body).parameters.values())[1:]
    wants_ctx = any(parameter.name == "ctx" for parameter in parameters)
    keyword = inspect.Parameter.KEYWORD_ONLY
    if not wants_ctx:
        parameters.append(inspect.Parameter("ctx", keyword, annotation=typer.Context))
    parameters += [inspect.Parameter(name, keyword, annotation=kind, default=value) for name, kind, value in _COMMON]
    # Typer reads the signature: a command takes what its function takes, and the common options.
    wrapper.__signature__ = inspect.Signature([p.replace(kind=keyword) for p in parameters])  # pyright: ignore[reportAttributeAccessIssue] - known to inspect, not to the checker
    wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapper


def _flag(ctx: typer.Context, name: str) -> object:
    """A common option wherever it was given: `sightglass --json jobs ls` is as good as `sightglass jobs ls --json`."""
    given = ctx.params.get(name)
    parent = ctx.parent
    while not given and parent is not None:
        given, parent = parent.params.get(name), parent.parent
    return given
