"""Fork servers with other code than the real one."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.unit.common.sandbox.serving import server_that

from sightglass_common.sandbox.forks import ForkServer
from sightglass_worker.decode import process


@contextmanager
def decoders_that(code: str, folder: Path) -> Generator[ForkServer]:
    """Let decoders run one line of code, with `connection` to the worker."""
    with server_that(code, folder) as server, pytest.MonkeyPatch.context() as patched:
        patched.setattr(process, "FORKS", server)
        yield server
