"""Logs are JSON lines, hold the ids that were bound, and no secret."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from sightglass_common import logs
from sightglass_common.tracing import Trace


@pytest.fixture
def root_logger() -> Iterator[None]:
    before = logging.root.handlers[:]
    yield
    logging.root.handlers[:] = before
    structlog.reset_defaults()


@pytest.mark.usefixtures("root_logger")
def test_ids_bound_at_the_door_stand_on_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("worker")
    trace = Trace.new()
    with logs.bound(trace=trace, tenant_id="t", job_id="j", attempt=2):
        structlog.stdlib.get_logger().info("job.started", frames=3)
        logging.getLogger("library").warning("a line of somebody else's")
    logging.getLogger("library").warning("after")
    first, second, third = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["event"], first["service"], first["frames"], first["attempt"]) == ("job.started", "worker", 3, "2")
    assert first["trace_id"] == second["trace_id"] == trace.trace_id
    assert "trace_id" not in third


@given(st.sampled_from(["Authorization", "api_key", "db_password", "set-cookie", "x_token", "SECRET"]), st.text())
def test_a_value_under_a_secrets_name_is_masked(key: str, value: str) -> None:
    assert logs.mask_secrets(None, "info", {key: value})[key] == "***"


def test_a_presigned_address_loses_its_query() -> None:
    url = "http://127.0.0.1/b/k?X-Amz-Signature=abc"
    assert logs.mask_secrets(None, "info", {"url": url})["url"] == "http://127.0.0.1/b/k?***"


@pytest.mark.usefixtures("root_logger")
def test_a_traceback_does_not_show_the_variables(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("api")
    try:
        secret = "hun" + "ter2"
        raise ValueError(len(secret))
    except ValueError:
        structlog.stdlib.get_logger().exception("it broke")
        logging.getLogger("library").exception("it broke there")
    for line in capsys.readouterr().err.splitlines():
        assert json.loads(line)["exception"][0]["exc_type"] == "ValueError"
        assert "hunter2" not in line
