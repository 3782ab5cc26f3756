"""Many at once: all are queued, and all finish."""

import concurrent.futures

from tests.acceptance.flow import submit
from tests.films import film
from tests.running import RunningSystem, until


def test_two_hundred_uploads_at_once_are_all_queued_and_all_finish(system: RunningSystem) -> None:
    body = film("codecs/bikes1s_vp9.webm")
    with system.client() as client, concurrent.futures.ThreadPoolExecutor(32) as pool:
        ids = list(pool.map(submit, [client] * 200, [body] * 200))
        assert len({i["job_id"] for i in ids}) == len({i["video_id"] for i in ids}) == 200
        wanted = {i["job_id"] for i in ids}

        def all_over() -> bool:
            with system.database() as db:
                row = db.execute(
                    "SELECT count(*) FROM job WHERE job_id = ANY(%s::uuid[]) AND status = 'done'", [list(wanted)]
                ).fetchone()
            return row == (200,)

        until(all_over, "all two hundred are done", within_s=300)
