"""Long films in ranges, on real Postgres and S3: the same result, whatever fails or is delivered twice on the way."""

import asyncio
import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.films import drawn, film, repeated, texture
from tests.integration.worker.ranging import SERIAL, SHORT, PageReaders, Ranging
from tests.integration.worker.studio import Studio

from sightglass_common import leases
from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.errors import JobBusy, JobOver
from sightglass_common.jobs import request_cancel
from sightglass_common.outcomes import Done, Retry
from sightglass_common.reconciler import Reconciler
from sightglass_common.sqs import Sqs

LONG_US = 7_840_000


@cache
def long_film() -> bytes:
    """Three ranges, as key frames are 2.4 s apart: what becomes of jobs needs no more of them."""
    shown = [texture(number) for number in range(6)]
    return drawn((shown[n // 7] for n in range(40)), codec="mpeg4", times=range(0, 8000, 200))


@pytest.fixture
def ranging(studio: Studio) -> Ranging:
    return Ranging(studio)


@pytest.mark.parametrize("body", [film("bikes.mp4"), film("vfr.mp4")], ids=["bikes", "vfr"])
async def test_a_film_in_ranges_gives_the_result_of_a_serial_run(ranging: Ranging, body: bytes) -> None:
    serial = await ranging.studio.of(body)
    await ranging.studio.run(serial, **SERIAL)
    envelope, sent = await ranging.planned(body)
    assert len(sent) > 2
    Random(1).shuffle(sent)
    for part in sent:
        assert await ranging.run(part) == Done()
    await ranging.finish()
    assert (await ranging.studio.job(envelope))["status"] == "done"
    assert await ranging.result(envelope) == await ranging.result(serial)


def pages() -> bytes:
    """Eleven seconds of pages that change every 1.4 s, the last of them half way of a range."""
    shown = [texture(number, rows=360, columns=640) for number in range(8)]
    return drawn((shown[n // 14] for n in range(110)), codec="mpeg4", times=range(0, 11_000, 100))


@pytest.mark.parametrize("made", [pages, partial(film, "bikes.mp4")], ids=["pages", "moving"])
async def test_the_texts_of_a_film_in_ranges_are_those_of_a_run_over_the_whole(
    ranging: Ranging, made: Callable[[], bytes]
) -> None:
    body = made()
    envelope, sent = await ranging.planned(body)
    assert len(sent) > 1
    for part in reversed(sent):
        assert await ranging.run(part, readers=PageReaders()) == Done()
    await ranging.finish(PageReaders())
    serial, parts = await ranging.planned(body)
    await ranging.as_one(parts[0])
    await ranging.finish(PageReaders())
    result = await ranging.result(envelope)
    assert result == await ranging.result(serial)
    assert result["screen_text"]
    assert result["analysis"][0]["text_coverage"]["read"] > 1
    assert await ranging.studio.artifacts(serial) == await ranging.referred(serial)


async def test_a_film_that_is_not_long_is_not_taken_in_ranges(ranging: Ranging) -> None:
    envelope = await ranging.studio.of(long_film())
    await ranging.studio.run(envelope)
    assert await ranging.sent() == []
    assert (await ranging.studio.job(envelope))["status"] == "done"


async def test_while_it_waits_for_its_ranges_a_job_is_running_and_its_old_message_over(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    job = await ranging.studio.job(envelope)
    assert (job["status"], job["stage"], job["done"], job["total"]) == ("running", "ranges", 0, LONG_US)
    with pytest.raises(JobOver):
        await ranging.studio.run(envelope)
    assert [row["number"] for row in await ranging.ranges(envelope)] == list(range(len(sent)))
    assert ranging.studio.leftovers() == []


async def test_progress_is_the_sum_over_all_ranges_and_never_goes_back(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    lengths = [row["end_us"] - row["start_us"] for row in await ranging.ranges(envelope)]
    seen = 0
    for part in reversed(sent):
        await ranging.run(part)
        seen += lengths[part.message.number or 0]
        assert (await ranging.studio.job(envelope))["done"] == seen
    assert seen == sum(lengths) == (await ranging.studio.job(envelope))["total"]


async def test_ranges_at_the_same_time_enqueue_one_merge(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    await asyncio.gather(*(ranging.run(part) for part in sent))
    (merge,) = await ranging.sent()
    assert merge.message.number is None
    job = await ranging.studio.job(envelope)
    assert job["done"] == job["total"]


async def test_progress_tells_how_many_ranges_are_put_together(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    for part in sent:
        await ranging.run(part)
    *before, last = await ranging.ranges(envelope)
    await ranging.studio.s3.delete_object(Bucket=ranging.studio.aws.bucket, Key=last["result_key"])
    await ranging.finish()
    job = await ranging.studio.job(envelope)
    assert (job["status"], job["stage"], job["total"]) == ("failed", "merge", LONG_US)
    assert job["done"] == sum(row["end_us"] - row["start_us"] for row in before)
    assert [stage["stage"] for stage in job["stages"]][-2:] == ["ranges", "merge"]


async def test_nothing_but_the_result_is_left(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    for part in sent:
        await ranging.run(part)
    await ranging.finish()
    assert await ranging.studio.artifacts(envelope) == await ranging.referred(envelope)
    assert await ranging.ranges(envelope) == []


async def test_a_second_delivery_of_a_range_or_of_the_merge_changes_nothing(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    for part in sent:
        await ranging.run(part)
        with pytest.raises(JobOver):
            await ranging.run(part)
    (merge,) = await ranging.sent()
    await ranging.run(merge)
    before = await ranging.studio.job(envelope), await ranging.result(envelope)
    for part in (*sent, merge):
        with pytest.raises(JobOver):
            await ranging.run(part)
    assert (await ranging.studio.job(envelope), await ranging.result(envelope)) == before
    assert await ranging.sent() == []


async def test_a_range_that_fails_is_tried_again_alone(ranging: Ranging, monkeypatch: pytest.MonkeyPatch) -> None:
    envelope, sent = await ranging.planned(long_film())
    answer: Any = {"Error": {"Code": "503"}}

    async def away(**_: object) -> None:
        raise ClientError(answer, "HeadObject")

    with monkeypatch.context() as broken:
        broken.setattr(ranging.studio.s3, "head_object", away)
        assert isinstance(await ranging.run(sent[1]), Retry)
    assert (await ranging.studio.job(envelope))["status"] == "running"
    for part in sent:
        assert await ranging.run(part) == Done()
    attempts = await ranging.studio.rows(
        "SELECT r.number, j.attempt FROM analysis_range r JOIN job j USING (tenant_id, job_id)"
        " WHERE analysis_id = %s ORDER BY number", envelope.message.analysis_id,
    )  # fmt: skip
    assert [row["attempt"] for row in attempts] == [1, 2, *[1] * (len(sent) - 2)]
    await ranging.finish()
    assert (await ranging.studio.job(envelope))["status"] == "done"


async def test_a_range_whose_worker_is_killed_is_taken_up_again(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    part = sent[0]
    async with tenant_transaction(ranging.studio.worker, ranging.studio.tenant_id) as db:
        await leases.claim(db, part.message.job_id, lease_s=0.4, message_id=part.id)
    with pytest.raises(JobBusy):
        await ranging.run(part)
    await ranging.studio.rows("UPDATE job SET lease_until = now() WHERE job_id = %s RETURNING 1", part.message.job_id)
    for each in sent:
        assert await ranging.run(each) == Done()
    await ranging.finish()
    assert (await ranging.studio.job(envelope))["status"] == "done"


async def test_a_range_that_fails_for_good_fails_the_analysis_and_the_others_stop(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    await ranging.run(sent[0])
    (video,) = await ranging.studio.rows("SELECT * FROM video WHERE tenant_id = %s", ranging.studio.tenant_id)
    await ranging.studio.s3.delete_object(Bucket=ranging.studio.aws.bucket, Key=video["object_key"])
    await ranging.run(sent[1])
    job = await ranging.studio.job(envelope)
    assert (job["status"], job["error_code"], job["error_retryable"]) == ("failed", "object_not_found", False)
    assert await ranging.run(sent[2]) == Done()
    (other,) = await ranging.studio.rows("SELECT status FROM job WHERE job_id = %s", sent[2].message.job_id)
    assert other["status"] == "cancelled"
    assert await ranging.studio.artifacts(envelope) == set()
    assert await ranging.ranges(envelope) == []


async def test_a_failed_film_can_be_tried_again_by_hand(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    await ranging.studio.rows(
        "UPDATE job SET attempts_left = 1, status = 'running', lease_until = now() WHERE job_id = %s RETURNING 1",
        sent[0].message.job_id,
    )
    await ranging.run(sent[0])
    job = await ranging.studio.job(envelope)
    assert (job["status"], job["error_code"]) == ("failed", "attempts_exhausted")
    again = await ranging.studio.retried(envelope)
    await ranging.studio.run(again, **SHORT)
    await ranging.finish()
    assert (await ranging.studio.job(envelope))["status"] == "done"


async def test_a_cancel_stops_ranges_under_way_and_leaves_nothing(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(repeated("bikes.mp4", 60))
    under_way = asyncio.create_task(ranging.run(sent[0]))
    async with tenant_transaction(ranging.studio.worker, ranging.studio.tenant_id) as db:
        assert await request_cancel(db, envelope.message.job_id) == "running"
    assert await under_way == Done()
    (own,) = await ranging.studio.rows("SELECT status FROM job WHERE job_id = %s", sent[0].message.job_id)
    assert own["status"] == "cancelled"
    assert (await ranging.studio.job(envelope))["status"] == "cancelled"
    for part in sent[1:3]:
        assert await ranging.run(part) == Done()
    assert await ranging.studio.artifacts(envelope) == set()


async def test_a_job_for_which_nothing_moves_is_looked_after_and_keeps_what_is_done(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    await ranging.run(sent[0])
    again = await ranging.looked_after(envelope)
    assert await ranging.studio.run(again, **SHORT) == Done()
    job = await ranging.studio.job(envelope)
    assert (job["status"], job["stage"]) == ("running", "ranges")
    assert job["done"] > 0
    assert await ranging.sent() == []
    for part in sent[1:]:
        await ranging.run(part)
    await ranging.finish()
    assert (await ranging.studio.job(envelope))["status"] == "done"


async def test_a_film_whose_ranges_do_not_meet_is_analysed_as_one(ranging: Ranging) -> None:
    body = film("broken/bitrot.mp4")
    serial = await ranging.studio.of(body)
    await ranging.studio.run(serial, **SERIAL)
    envelope, sent = await ranging.planned(body)
    for part in sent:
        await ranging.run(part)
    await ranging.finish()
    assert (await ranging.studio.job(envelope))["status"] == "partial"
    assert await ranging.result(envelope) == await ranging.result(serial)
    assert await ranging.studio.artifacts(envelope) == await ranging.referred(envelope)


async def test_a_range_that_another_version_has_stored_is_taken_again_in_a_film_analysed_as_one(
    ranging: Ranging,
) -> None:
    serial = await ranging.studio.of(long_film())
    await ranging.studio.run(serial, **SERIAL)
    envelope, sent = await ranging.planned(long_film())
    for part in sent:
        await ranging.run(part)
    key = (await ranging.ranges(envelope))[0]["result_key"]
    await ranging.studio.s3.put_object(
        Bucket=ranging.studio.aws.bucket, Key=key, Body=zlib.compress(json.dumps({"pieces": []}).encode())
    )
    await ranging.finish()
    assert (await ranging.studio.job(envelope))["status"] == "done"
    assert await ranging.result(envelope) == await ranging.result(serial)


async def test_what_the_queues_have_lost_is_sent_again_and_nothing_of_it_is_done_twice(
    ranging: Ranging, relay_pool: Pool, sqs: Sqs
) -> None:
    envelope, sent = await ranging.planned(long_film())
    await ranging.run(sent[0])
    await Reconciler(relay_pool, sqs, ranging.studio.aws.queue_prefix).run_once(older_than_s=0)
    again = await ranging.sent()
    assert [part.message for part in again] == [part.message for part in sent[1:]]
    for part in (*sent[1:], *again):
        with suppress(JobOver):
            await ranging.run(part)
    (merge,) = await ranging.sent()
    assert await ranging.run(merge) == Done()
    assert (await ranging.studio.job(envelope))["status"] == "done"
    with pytest.raises(JobOver):
        await ranging.studio.run(envelope)


async def test_while_its_ranges_move_the_reconciler_leaves_a_job_alone(
    ranging: Ranging, relay_pool: Pool, sqs: Sqs
) -> None:
    envelope, sent = await ranging.planned(long_film())
    before = await ranging.studio.job(envelope)
    await Reconciler(relay_pool, sqs, ranging.studio.aws.queue_prefix).run_once(
        now=datetime.now(UTC) + timedelta(seconds=200), older_than_s=1e9
    )
    after = await ranging.studio.job(envelope)
    assert (after["status"], after["sends"]) == ("running", before["sends"])
    await Reconciler(relay_pool, sqs, ranging.studio.aws.queue_prefix).run_once(
        now=datetime.now(UTC) + timedelta(seconds=2500), older_than_s=1e9
    )
    assert (await ranging.studio.job(envelope))["sends"] == before["sends"] + 1
    # A range that ends while nobody looks after the job counts all the same.
    for part in sent:
        assert await ranging.run(part) == Done()
    assert all(row["result_key"] for row in await ranging.ranges(envelope))


async def test_a_range_whose_attempts_are_spent_unseen_fails_its_analysis(ranging: Ranging) -> None:
    envelope, sent = await ranging.planned(long_film())
    await ranging.studio.rows(
        "UPDATE job SET status = 'failed', error_code = 'attempts_exhausted', error_retryable = true, attempts_left = 0"
        " WHERE job_id = %s RETURNING 1", sent[1].message.job_id,
    )  # fmt: skip
    await ranging.run(sent[0])
    await ranging.studio.run(await ranging.looked_after(envelope), **SHORT)
    job = await ranging.studio.job(envelope)
    assert (job["status"], job["error_code"]) == ("failed", "attempts_exhausted")
    assert await ranging.ranges(envelope) == []
