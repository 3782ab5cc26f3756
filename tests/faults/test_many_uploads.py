"""Many at once: all are queued, and all finish."""

import concurrent.futures

import pytest
from tests.acceptance.flow import submit
from tests.films import drawn, texture
from tests.running import RunningSystem, until

# What holds is that they finish, however busy the machine is.
pytestmark = pytest.mark.timeout(600)


def test_two_hundred_uploads_at_once_are_all_queued_and_all_finish(system: RunningSystem) -> None:
    body = drawn([texture(1)] * 5 + [texture(2)] * 5)
    with system.client() as client, concurrent.futures.ThreadPoolExecutor(32) as pool:
        ids = list(pool.map(submit, [client] * 200, [body] * 200))
    assert len({i["job_id"] for i in ids}) == len({i["video_id"] for i in ids}) == 200
    wanted = [i["job_id"] for i in ids]
    with system.database() as db:

        def all_over() -> bool:
            row = db.execute("SELECT count(*) FROM job WHERE job_id = ANY(%s::uuid[]) AND status = 'done'", [wanted])
            return row.fetchone() == (200,)

        until(all_over, "all two hundred are done", within_s=500, every_s=0.5)
