"""Fork servers whose children do what a test wants."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sightglass_common.sandbox.forks import ForkServer

# Before any test has put something in its place.
_PYTHON = sys.executable
_SERVER = """
import os, signal, sys, time
from sightglass_common.sandbox.fork_server import run

def work(connection):
    {code}
    return 0

os._exit(run(work))
"""


@contextmanager
def server_that(code: str, folder: Path) -> Generator[ForkServer]:
    """Let children run one line of code, with `connection` to the test."""
    with pytest.MonkeyPatch.context() as patched:
        server = ForkServer("of.the.test", {})
        patched.setattr(sys, "executable", forking(code, folder))
        try:
            yield server
        finally:
            server.close()


def forking(code: str, folder: Path) -> str:
    """A program in place of the interpreter: a fork server whose children run one line of code."""
    return program(_SERVER.format(code=code), folder)


def program(code: str, folder: Path) -> str:
    """A program in place of the interpreter, which runs `code` as the fork server, with the service's process id."""
    script, launcher = folder / "server.py", folder / "python"
    script.write_text(code)
    launcher.write_text(f'#!/bin/sh\nexec "{_PYTHON}" "{script}" "$4"\n')
    launcher.chmod(0o755)
    return str(launcher)
