"""Our LocalStack, as it really runs."""

import stat
from pathlib import Path

import pytest

from sightglass_embedded.localstack import LocalStack, LocalStackFailed
from sightglass_embedded.readiness import http_status


def listening_addresses(port: int) -> set[str]:
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:] + Path("/proc/net/tcp6").read_text().splitlines()[1:]
    local = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    return {place.partition(":")[0] for place in local if int(place.partition(":")[2], 16) == port}


def test_it_listens_on_loopback_alone(localstack: LocalStack) -> None:
    assert listening_addresses(localstack.port) == {"0100007F"}


async def test_a_link_with_a_wrong_signature_is_refused(localstack: LocalStack) -> None:
    words = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"
    link = f"/any/key?{words}&X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host"
    assert await http_status(localstack.port, f"{link}&X-Amz-Signature=0") == 403


def test_its_objects_lie_in_its_own_folder(localstack: LocalStack) -> None:
    assert stat.S_IMODE((localstack.folder / "s3").stat().st_mode) == 0o700


def test_a_missing_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalStackFailed, match="make setup"):
        LocalStack(tmp_path, python=tmp_path / "python").command()
