"""A system for each module that breaks it, and a film long enough to be interrupted."""

from collections.abc import Iterator

import pytest
from tests.conftest import ROOT
from tests.films import repeated
from tests.running import RunningSystem
from tests.stack import fresh_state

TIMES = 20


@pytest.fixture(scope="package")
def system() -> Iterator[RunningSystem]:
    """The whole system. Tests may kill what they like, as long as it comes back by itself."""
    system = RunningSystem(
        fresh_state(ROOT / ".sightglass" / "faults"),
        # Short, so that what a killed process held is free again within the patience of a test.
        SIGHTGLASS_VISIBILITY_TIMEOUT_S="4",
        SIGHTGLASS_LEASE_S="4",
        SIGHTGLASS_RECEIVE_WAIT_S="1",
        SIGHTGLASS_SHUTDOWN_GRACE_S="1",
    )
    system.start()
    yield system
    system.stop()


@pytest.fixture(scope="session")
def long_film() -> bytes:
    """Some seconds of decoding: a sample film many times over."""
    return repeated("bikes.mp4", TIMES)
