"""What children share with their server by being its forks, which is what that has loaded."""

import subprocess
import sys

import pytest

# What the services need to talk to others, and no parser does.
OURS = {"asyncio", "multiprocessing", "psycopg", "aiobotocore", "pydantic", "structlog", "prometheus_client"}


@pytest.mark.parametrize("module", ["sightglass_worker.decode.child", "sightglass_scanner.readers.child"])
def test_a_fork_server_loads_nothing_that_only_the_service_needs(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    loaded = set(done.stdout.split())
    assert "sightglass_common.sandbox.fork_server" in loaded
    assert loaded & OURS == set()
    assert loaded & {"sightglass_common.sandbox.forks", "sightglass_common.sandbox.launch"} == set()
