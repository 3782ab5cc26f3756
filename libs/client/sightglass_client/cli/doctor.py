"""`sightglass doctor`: is everything as it must be, and if not, what to do."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command
from sightglass_client.cli.failure import FAILED
from sightglass_client.cli.run import Run

if TYPE_CHECKING:
    from sightglass_client.diagnosis import Finding
    from sightglass_client.processes import Stack


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor")(doctor)


def doctor(run: Run) -> int:
    """Check configuration, API, dependencies, disk and the embedded stack; exit 1 if something is wrong."""
    from sightglass_client.diagnosis import diagnose, found_stacks  # noqa: PLC0415 - loads the HTTP library

    cwd = Path.cwd()
    findings = list(diagnose(run.url or None, environ=os.environ, cwd=cwd))
    running = [stack for stack in found_stacks(cwd) if stack.running]
    ok = all(finding.ok is not False for finding in findings)
    if run.out.as_json:
        run.out.document({"ok": ok, "checks": [_check(f) for f in findings], "stacks": [_document(s) for s in running]})
    else:
        run.out.table(("check", "result", "found"), [(f.name, _result(f), f.detail) for f in findings])
        for stack in running:
            _memory(run, stack)
        _advise(run, findings)
    return 0 if ok else FAILED


def _check(finding: "Finding") -> dict[str, object]:
    return {**vars(finding), "fix": finding.fix if finding.ok is False else ""}


def _result(finding: "Finding") -> str:
    return {True: "ok", False: "failed", None: "skipped"}[finding.ok]


def _advise(run: Run, findings: "list[Finding]") -> None:
    for finding in findings:
        if finding.ok is False and finding.fix:
            run.out.note(f"{finding.name}: {finding.fix}")


def _memory(run: Run, stack: "Stack") -> None:
    rows = [
        (process.name, str(process.pid), str(process.port or ""), text.size(process.memory_bytes))
        for process in stack.processes
    ]
    run.out.table((f"{stack.folder.name}: process", "pid", "port", "memory"), rows)


def _document(stack: "Stack") -> dict[str, object]:
    return {
        "name": stack.folder.name,
        "memory_bytes": stack.memory_bytes,
        "processes": [vars(process) for process in stack.processes],
    }
