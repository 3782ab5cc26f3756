"""`make link`: a bucket for the tenant of a stack that runs."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from tests.acceptance.flow import finished
from tests.running import RunningSystem


@pytest.fixture
def bucket() -> str:
    """A name that no bucket has yet."""
    return f"link-{uuid4().hex[:12]}"


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder with a file in a folder, and one beside it."""
    folder = tmp_path / "some papers"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "bill.txt").write_text("pay 4111 1111 1111 1111")
    (folder / "note.txt").write_text("nothing")
    return folder


def link(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "sightglass_embedded", "link", "--state", str(state), *words)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def scanned(client: httpx.Client, bucket: str) -> list[tuple[str, str]]:
    started = client.post("/v1/scans", json={"bucket": bucket}).raise_for_status().json()
    assert finished(client, started["job_id"])["status"] == "done"
    found = client.get(f"/v1/scans/{started['scan_id']}/findings").raise_for_status().json()["items"]
    return [(finding["key"], finding["detector"]) for finding in found]


def test_files_are_put_linked_and_scanned_and_again(
    system: RunningSystem, client: httpx.Client, bucket: str, papers: Path
) -> None:
    assert client.post("/v1/scans", json={"bucket": bucket}).status_code == 403
    for _ in range(2):
        done = link(system.folder, f"s3://{bucket}/", "--put", str(papers))
        assert (done.returncode, done.stderr) == (0, "")
        assert f"2 files are in s3://{bucket}" in done.stdout
    assert link(system.folder, bucket).returncode == 0
    assert scanned(client, bucket) == [("2026/bill.txt", "payment-card")]
    linked = client.get("/v1/buckets").raise_for_status().json()["items"]
    assert sum(one["bucket"] == bucket for one in linked) == 1


def test_a_bucket_that_there_is_not_is_told_and_not_linked(
    system: RunningSystem, client: httpx.Client, bucket: str
) -> None:
    done = link(system.folder, bucket)
    assert done.returncode == 1
    assert f"There is no bucket {bucket} at http://127.0.0.1:" in done.stderr
    assert "sightglass" in done.stderr.partition("Those there: ")[2]
    assert client.post("/v1/scans", json={"bucket": bucket}).status_code == 403


@pytest.mark.parametrize("name", ["", "Not a name!"])
def test_what_is_no_name_of_a_bucket_is_told(system: RunningSystem, name: str) -> None:
    done = link(system.folder, name)
    assert done.returncode == 1
    assert done.stderr.startswith("sightglass: ")
    assert "Traceback" not in done.stderr


def test_nothing_is_put_into_the_platforms_own_bucket(system: RunningSystem, papers: Path) -> None:
    done = link(system.folder, "sightglass", "--put", str(papers))
    assert done.returncode == 1
    assert "the platform's own bucket" in done.stderr


def test_files_that_there_are_not_make_no_bucket(system: RunningSystem, bucket: str, papers: Path) -> None:
    assert "There is no file or folder" in link(system.folder, bucket, "--put", str(papers / "nowhere")).stderr
    assert f"There is no bucket {bucket}" in link(system.folder, bucket).stderr


def test_without_a_stack_it_says_what_starts_one(tmp_path: Path) -> None:
    done = link(tmp_path, "papers")
    assert done.returncode == 1
    assert "make dev" in done.stderr
