"""The running system, started once."""

from collections.abc import Iterator

import httpx
import pytest
from tests.conftest import ROOT
from tests.running import RunningSystem
from tests.stack import fresh_state


@pytest.fixture(scope="package")
def system() -> Iterator[RunningSystem]:
    """The whole system, as `make dev` starts it. Text is read in each film, but little of it."""
    folder = fresh_state(ROOT / ".sightglass" / "acceptance")
    system = RunningSystem(folder, SIGHTGLASS_TEXT_CALLS_PER_MINUTE="1")
    system.start()
    yield system
    system.stop()


@pytest.fixture(scope="package")
def client(system: RunningSystem) -> Iterator[httpx.Client]:
    """An HTTP client of a tenant admin."""
    with system.client() as client:
        yield client
