"""Many at once: objects of a scan whose scanner is killed again and again, and uploads."""

import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from botocore.session import get_session
from tests.acceptance.flow import submit
from tests.faults.conftest import a_system
from tests.films import drawn, texture
from tests.running import RunningSystem, until

# What holds is that they finish, however busy the machine is.
pytestmark = pytest.mark.timeout(600)
OBJECTS = 400
BUCKET = "planted"
SSN = "536-90-4399"
OVER = {"done", "partial", "failed", "cancelled"}


@pytest.fixture(scope="module")
def system() -> Iterator[RunningSystem]:
    """A system with batches so small that many are under way when the scanner is killed. It reads no text on screen."""
    with a_system(
        SIGHTGLASS_TEXT_ENGINE="none",
        SIGHTGLASS_PAGE_OBJECTS="50",
        SIGHTGLASS_BATCH_OBJECTS="5",
    ) as system:
        yield system


def body(number: int) -> bytes:
    mail = f"contact: person{number}@example.com\n" if number % 3 == 0 else ""
    return f"record {number}\n{mail}{f'the ssn is {SSN}' if number % 7 == 0 else ''}\n".encode()


def planted() -> Counter[tuple[str, str]]:
    key = "logs/{:04}.txt".format
    return Counter(
        [(key(n), "email") for n in range(0, OBJECTS, 3)] + [(key(n), "us-ssn") for n in range(0, OBJECTS, 7)]
    )


def fill(system: RunningSystem) -> None:
    port = system.port("localstack")
    s3 = cast("Any", get_session()).create_client(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip
    s3.create_bucket(Bucket=BUCKET)

    def put(number: int) -> None:
        s3.put_object(Bucket=BUCKET, Key=f"logs/{number:04}.txt", Body=body(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(OBJECTS)))
    with system.database() as db:
        db.execute("INSERT INTO bucket_link SELECT DISTINCT tenant_id, %s FROM api_key", [BUCKET])


def live(system: RunningSystem, scan_id: str) -> Counter[tuple[str, str]]:
    with system.database() as db:
        rows = db.execute(
            "SELECT object_key, detector, count(*) FROM scan_finding JOIN finding USING (tenant_id, finding_id)"
            " WHERE scan_id = %s GROUP BY 1, 2",
            [scan_id],
        ).fetchall()
    return Counter({(key, detector): count for key, detector, count in rows})


def test_killed_again_and_again_a_scan_finds_what_was_planted_and_counts_it_once(system: RunningSystem) -> None:
    fill(system)
    with system.client() as client:
        scan_id = client.post("/v1/scans", json={"bucket": BUCKET}).json()["scan_id"]

        def scan() -> dict[str, Any]:
            return client.get(f"/v1/scans/{scan_id}").json()

        killed = 0
        for share in (1, OBJECTS // 4, OBJECTS // 2):
            until(lambda share=share: scan()["objects"]["done"] >= share, f"{share} objects are read", within_s=90)
            if scan()["status"] in OVER:
                break
            old = system.pid("scanner")
            system.signal("scanner", signal.SIGKILL)
            killed += 1
            until(lambda old=old: system.pid("scanner") != old, "the scanner is back")
            seen = scan()
            counted = Counter[str](seen["findings"]["by_detector"])
            assert counted.total() <= planted().total()
        until(lambda: scan()["status"] in OVER, "the scan is over", within_s=150)
        over = scan()
    assert killed >= 2
    assert over["status"] == "done"
    assert over["objects"] == {
        "listed": OBJECTS,
        "done": OBJECTS,
        "skipped": {},
        "failed": 0,
        "partly": {},
        "unchanged": 0,
        "handed": 0,
    }
    assert over["bytes"] == over["bytes_listed"] == sum(len(body(n)) for n in range(OBJECTS))
    assert live(system, scan_id) == planted()
    by_detector = Counter({"email": 0, "us-ssn": 0})
    for (_, detector), count in planted().items():
        by_detector[detector] += count
    assert over["findings"]["by_detector"] == dict(by_detector)


def test_two_hundred_uploads_at_once_are_all_queued_and_all_finish(system: RunningSystem) -> None:
    body = drawn([texture(1)] * 5 + [texture(2)] * 5)
    with system.client() as client, ThreadPoolExecutor(32) as pool:
        ids = list(pool.map(submit, [client] * 200, [body] * 200))
    assert len({i["job_id"] for i in ids}) == len({i["video_id"] for i in ids}) == 200
    wanted = [i["job_id"] for i in ids]
    with system.database() as db:

        def all_over() -> bool:
            row = db.execute("SELECT count(*) FROM job WHERE job_id = ANY(%s::uuid[]) AND status = 'done'", [wanted])
            return row.fetchone() == (200,)

        until(all_over, "all two hundred are done", within_s=500, every_s=0.5)
