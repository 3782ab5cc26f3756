"""Errors as a person or a script gets them: what, why, what next, the request id; and the exit code."""

import shlex
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import typer

from sightglass_client.cli.run import Run
from sightglass_client.cli.text import sentence
from sightglass_client.errors import (
    ApiError,
    ClientError,
    NoSuchBot,
    NoSuchDataset,
    NoSuchProvider,
    NotConfigured,
    SourceUnreadable,
)

FAILED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
DENIED: Final = 4
PARTIAL: Final = 5
INTERRUPTED: Final = 130

_EXIT_CODES: Final = {401: DENIED, 403: DENIED, 404: NOT_FOUND}


@contextmanager
def outcome_of(run: Run) -> Generator[None]:
    """Turn whatever a command raises into words on stderr and an exit code. Only `--debug` shows a stack trace."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
        raise  # Typer's own; it also knows what a closed pipe means
    except KeyboardInterrupt:
        run.out.note("\nInterrupted.")
        if run.resume:
            run.out.note(f"Go on with: {run.resume}")
        raise typer.Exit(INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 - the last door: nobody after it would tell the user
        if run.debug:
            run.out.note(traceback.format_exc())
        show(run, error)
        raise typer.Exit(exit_code(error)) from None
    finally:
        run.close()


def show(run: Run, error: Exception) -> None:
    """Say on stderr what went wrong."""
    known = _known(error)
    if run.out.as_json:
        run.out.error_document({"error": document(known)})
        return
    lines = [f"Error: {sentence(known.title, known.detail)}"]
    if isinstance(known, ApiError):
        lines += [f"  {field.pointer}: {field.detail}" for field in known.errors if field.detail not in known.detail]
    lines.append(f"Next: {known.hint}" if known.hint else "")
    if isinstance(known, ApiError) and known.request_id:
        lines.append(f"Request id: {known.request_id}")
    run.out.note("\n".join(line for line in lines if line))


def document(error: Exception) -> dict[str, object]:
    """The error for a script."""
    known = _known(error)
    content: dict[str, object] = {
        "code": known.code,
        "title": known.title,
        "detail": known.detail,
        "hint": known.hint,
    }
    if isinstance(known, ApiError):
        fields = [{"pointer": field.pointer, "detail": field.detail} for field in known.errors]
        content |= {"status": known.status, "request_id": known.request_id, "errors": fields}
    return content


def exit_code(error: Exception) -> int:
    """The exit code that an error ends the command with."""
    match error:
        case ApiError(status=status):
            return _EXIT_CODES.get(status, FAILED)
        case NotConfigured() | SourceUnreadable():
            return USAGE
        case NoSuchDataset() | NoSuchBot() | NoSuchProvider():
            return NOT_FOUND
        case _:
            return FAILED


def command_line(*words: str) -> str:
    """A command that can be pasted into a shell."""
    return shlex.join(("sightglass", *words))


def _known(error: Exception) -> ClientError:
    match error:
        case ClientError():
            return error
        case OSError(strerror=str(why), filename=name):
            return ClientError(f"{name}: {why}." if name else f"{why}.")
        case _:
            return ClientError(
                f"Unexpected: {type(error).__name__}: {error}",
                hint="Run it again with --debug and report what it shows.",
            )
