"""Fork servers with other code than the real one."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sightglass_worker.decode import process
from sightglass_worker.decode.forking import ForkServer

_SERVER = """
import os, signal, sys, time
from sightglass_worker.decode.fork_server import run

def decode(connection):
    {code}
    return 0

os._exit(run(decode))
"""


@contextmanager
def decoders_that(code: str, folder: Path) -> Generator[ForkServer]:
    """Let decoders run one line of code, with `connection` to the worker."""
    with pytest.MonkeyPatch.context() as patched:
        server = ForkServer()
        patched.setattr(process, "FORKS", server)
        patched.setattr(sys, "executable", program(_SERVER.format(code=code), folder))
        try:
            yield server
        finally:
            server.close()


def program(code: str, folder: Path) -> str:
    """A program in place of the interpreter, which runs `code` as the fork server, with the worker's process id."""
    script, launcher = folder / "server.py", folder / "python"
    script.write_text(code)
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$4"\n')
    launcher.chmod(0o755)
    return str(launcher)
