"""A system for each module that breaks it, and a film long enough to be interrupted."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
from tests.conftest import ROOT
from tests.films import repeated
from tests.running import RunningSystem
from tests.stack import fresh_state

TIMES = 5


@contextmanager
def a_system(**environ: str) -> Generator[RunningSystem]:
    """The whole system, in a folder with a space in its path. Tests may kill what they like, as long as it comes back
    by itself.
    """
    system = RunningSystem(
        fresh_state(ROOT / ".sightglass" / "with a space"),
        # Short, so that what a killed process held is free again within the patience of a test.
        SIGHTGLASS_VISIBILITY_TIMEOUT_S="4",
        SIGHTGLASS_LEASE_S="4",
        SIGHTGLASS_RECEIVE_WAIT_S="1",
        SIGHTGLASS_SHUTDOWN_GRACE_S="0.1",
        # Text is read in each film, but little of it: what is looked at here is what becomes of jobs.
        SIGHTGLASS_TEXT_CALLS_PER_MINUTE="1",
        **environ,
    )
    system.start()
    yield system
    system.stop()


@pytest.fixture(scope="module")
def system() -> Iterator[RunningSystem]:
    """A system of the module's own."""
    with a_system() as system:
        yield system


@pytest.fixture(scope="session")
def long_film() -> bytes:
    """Some seconds of decoding: a sample film many times over."""
    return repeated("bikes.mp4", TIMES)
