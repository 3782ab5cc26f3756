"""Films in a bucket: handed on to be analysed once, waited for, and counted exactly, whatever happens on the way."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from tests.films import film
from tests.integration.scanner.screening import Screening
from tests.integration.scanner.yard import Yard

from sightglass_api.analyses.submission import submit_again
from sightglass_common import jobs
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.errors import DownloadFailed, JobOver
from sightglass_common.ids import new_id
from sightglass_common.jobs import Status
from sightglass_common.reconciler import Reconciler
from sightglass_common.tracing import Trace
from sightglass_common.video_errors import NotAVideo
from sightglass_scanner.media import queries

SSN = "ssn 536-90-4399"
CARD = "card 4111 1111 1111 1111"


@pytest.fixture
def screening(yard: Yard, worker_pool: Pool) -> Screening:
    return Screening(yard, worker_pool)


def a_film() -> bytes:
    """The beginning of one: enough to tell what it is."""
    return film("codecs/bikes1s_h264.mp4")[:4096]


async def two_films_and_a_text(yard: Yard) -> None:
    await yard.put({"a.mp4": a_film(), "b.mp4": a_film() + b"b", "c.txt": b"mail ann.lee@example.com\n"})


async def counted(yard: Yard, scan_id: UUID) -> tuple[Any, ...]:
    scan = await yard.scan(scan_id)
    objects = scan.objects
    return scan.status, objects.listed, objects.handed, objects.done, objects.failed, objects.skipped


async def analyses(yard: Yard) -> list[dict[str, Any]]:
    return await yard.rows(
        "SELECT a.*, j.status, j.cancel_requested_at FROM analysis a JOIN job j USING (tenant_id, job_id)"
        " WHERE tenant_id = %s ORDER BY analysis_id",
        yard.tenant_id,
    )


def found(rows: Sequence[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(row["object_key"], row["detector"]) for row in rows}


async def test_a_scan_waits_for_its_films_and_then_has_what_they_show(yard: Yard, screening: Screening) -> None:
    await two_films_and_a_text(yard)
    scan_id = await yard.begin()
    await yard.finish()
    assert await counted(yard, scan_id) == ("running", 3, 2, 1, 0, {})
    one, other = await screening.asked()
    await screening.show(one, SSN)
    await yard.finish()
    assert await counted(yard, scan_id) == ("running", 3, 1, 2, 0, {})
    await screening.show(other, "nothing")
    await yard.finish()
    assert await counted(yard, scan_id) == ("done", 3, 0, 3, 0, {})
    rows = await yard.findings(scan_id)
    assert found(rows) in [{("c.txt", "email"), (key, "us-ssn")} for key in ("a.mp4", "b.mp4")]
    (ssn,) = [row for row in rows if row["detector"] == "us-ssn"]
    assert (ssn["bucket"], ssn["locator"]["kind"]) == (yard.bucket, "screen")
    assert (ssn["locator"]["start_us"], ssn["locator"]["end_us"]) == (1000, 900_000)
    assert (await yard.scan(scan_id)).findings.by_detector == {"email": 1, "us-ssn": 1}
    assert not await yard.rows("SELECT FROM scan_part WHERE scan_id = %s", scan_id)


async def test_a_number_that_the_engine_has_misread_is_found(yard: Yard, screening: Screening) -> None:
    await yard.put({"a.mp4": a_film()})
    scan_id = await yard.begin()
    await yard.finish()
    (envelope,) = await screening.asked()
    await screening.show(envelope, "card 4l11 1111 1111 11I1")
    await yard.finish()
    assert found(await yard.findings(scan_id)) == {("a.mp4", "payment-card")}


async def test_all_delivered_three_times_has_one_effect(yard: Yard, screening: Screening) -> None:
    await two_films_and_a_text(yard)
    scan_id = await yard.begin()
    await yard.finish(deliveries=3)
    asked = await screening.asked()
    assert len(asked) == len(await analyses(yard)) == 2
    for envelope in asked:
        await screening.show(envelope, SSN)
        for _ in range(2):
            with pytest.raises(JobOver):
                await screening.show(envelope, SSN)
    await yard.finish(deliveries=3)
    assert await counted(yard, scan_id) == ("done", 3, 0, 3, 0, {})
    assert (await yard.scan(scan_id)).findings.by_detector == {"email": 1, "us-ssn": 2}


async def test_a_film_that_is_analysed_already_is_not_analysed_again(yard: Yard, screening: Screening) -> None:
    await yard.put({"a.mp4": a_film()})
    first, second = await yard.begin(), await yard.begin(detectors=["email"])
    await yard.finish()
    (envelope,) = await screening.asked()
    await screening.show(envelope, SSN, "mail ann.lee@example.com")
    await yard.finish()
    third = await yard.scanned()
    assert await screening.asked() == []
    assert found(await yard.findings(first)) == {("a.mp4", "us-ssn"), ("a.mp4", "email")}
    # A scan has what it looks for, whoever had the film analysed.
    assert found(await yard.findings(second)) == {("a.mp4", "email")}
    assert (third.status, third.objects.done, third.findings.total) == ("done", 1, 2)


async def test_an_unchanged_bucket_has_nothing_read_and_comes_to_the_same(yard: Yard, screening: Screening) -> None:
    await yard.put({"a.mp4": a_film()})
    await yard.begin()
    await yard.finish()
    (envelope,) = await screening.asked()
    await screening.show(envelope, SSN)
    await yard.finish()
    again = await yard.scanned(incremental=True)
    assert (again.status, again.objects.unchanged, again.findings.by_detector) == ("done", 1, {"us-ssn": 1})
    without = await yard.scanned(incremental=True, media=False)
    assert (without.objects.unchanged, without.objects.skipped) == (0, {"video": 1})


@pytest.mark.parametrize(
    ("error", "outcome", "status"),
    [
        (NotAVideo("no picture in it"), ("skipped", NotAVideo.code), "done"),
        (DownloadFailed("the connection broke"), ("failed", DownloadFailed.code), "partial"),
    ],
)
async def test_a_film_that_cannot_be_read_is_counted_with_its_reason(
    yard: Yard, screening: Screening, error: Any, outcome: tuple[str, str], status: str
) -> None:
    await yard.put({"a.mp4": a_film(), "c.txt": b"mail ann.lee@example.com\n"})
    scan_id = await yard.begin()
    await yard.finish()
    (envelope,) = await screening.asked()
    await yard.rows("UPDATE job SET attempts_left = 1 WHERE kind = 'analysis' RETURNING 1")
    await screening.show(envelope, error=error)
    await yard.finish()
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.objects.done) == (status, 1)
    assert await yard.notes(scan_id) == {"a.mp4": outcome}


async def test_what_of_a_film_was_not_read_is_told(yard: Yard, screening: Screening) -> None:
    await two_films_and_a_text(yard)
    scan_id = await yard.begin()
    await yard.finish()
    one, other = await screening.asked()
    await screening.show(one, SSN, text_coverage=None)
    coverage = {"looks": 9, "read": 6, "capped": 2, "failed": 1, "unread_us": 5}
    await screening.show(other, SSN, text_coverage=coverage, partial=True, partial_reason="ends_early")
    await yard.finish()
    scan = await yard.scan(scan_id)
    assert (scan.objects.skipped, scan.objects.partly) == (
        {"text_not_read": 1},
        {"ends_early": 1, "screen_not_read": 1},
    )
    rows = await yard.rows("SELECT detail FROM scan_object WHERE reason = 'screen_not_read' AND scan_id = %s", scan_id)
    assert rows == [{"detail": "3 of 9 changes of the screen"}]


async def test_without_media_films_are_skipped(yard: Yard, screening: Screening) -> None:
    await two_films_and_a_text(yard)
    scan = await yard.scanned(media=False)
    assert (scan.status, scan.objects.skipped, await screening.asked()) == ("done", {"video": 2}, [])


async def test_a_worker_killed_before_it_told_leaves_nothing_waiting_for_good(yard: Yard, screening: Screening) -> None:
    await two_films_and_a_text(yard)
    scan_id = await yard.begin()
    await yard.finish()
    for envelope in await screening.asked():
        await screening.show(envelope, SSN, killed=True)
    await yard.finish()
    assert (await yard.scan(scan_id)).objects.handed == 2
    await looked_after(yard, scan_id)
    assert await counted(yard, scan_id) == ("done", 3, 0, 3, 0, {})


async def looked_after(yard: Yard, scan_id: UUID) -> None:
    """The scan's own message, as the reconciler sends it again when nothing has moved."""
    (row,) = await yard.rows(
        "UPDATE job SET status = 'queued', lease_until = NULL WHERE job_id ="
        " (SELECT job_id FROM scan WHERE scan_id = %s) RETURNING message::text AS body",
        scan_id,
    )
    await yard.deliver(yard.listing(row["body"]))
    await yard.finish()


async def test_a_part_that_is_sent_too_soon_waits_again(yard: Yard, screening: Screening) -> None:
    await yard.put({"a.mp4": a_film()})
    scan_id = await yard.begin()
    await yard.finish()
    (envelope,) = await screening.asked()
    await screening.show(envelope, error=NotAVideo())
    async with tenant_transaction(yard.api, yard.tenant_id) as db:
        await jobs.retry(db, envelope.message.job_id)
    (again,) = await screening.asked()
    await yard.finish()
    assert await counted(yard, scan_id) == ("running", 1, 1, 0, 0, {})
    await screening.show(again, SSN)
    await yard.finish(deliveries=2)
    assert await counted(yard, scan_id) == ("done", 1, 0, 1, 0, {})
    assert found(await yard.findings(scan_id)) == {("a.mp4", "us-ssn")}


async def test_a_film_that_ends_while_its_part_is_about_to_wait_again_is_not_missed(
    yard: Yard, screening: Screening, monkeypatch: pytest.MonkeyPatch
) -> None:
    await yard.put({"a.mp4": a_film()})
    scan_id = await yard.begin()
    await yard.finish()
    (envelope,) = await screening.asked()
    await screening.show(envelope, error=NotAVideo())
    async with tenant_transaction(yard.api, yard.tenant_id) as db:
        await jobs.retry(db, envelope.message.job_id)
    asked, look = await screening.asked(), queries.film

    async def then_it_ends(db: Db, job_id: UUID) -> Any:
        looked = await look(db, job_id)
        while asked:
            await screening.show(asked.pop(), SSN)
        return looked

    monkeypatch.setattr(queries, "film", then_it_ends)
    await yard.finish()
    assert await counted(yard, scan_id) == ("done", 1, 0, 1, 0, {})


async def test_the_reconciler_sends_no_message_that_waits_for_another_job(
    yard: Yard, database: Any, sqs: Any, aws: Any
) -> None:
    await yard.put({"a.mp4": a_film()})
    await yard.begin()
    await yard.finish()
    await yard.rows("UPDATE job SET queued_at = now() - interval '1 day' WHERE sends = 0 RETURNING 1")
    async with database.pool("relay") as relay:
        await Reconciler(relay, sqs, aws.queue_prefix).run_once()
    assert await yard.sent() == []


LOST = "status = 'running', attempts_left = 1, sends = 1, lease_until = now() - interval '1 hour'"


async def test_a_scan_hears_at_once_of_a_film_that_the_reconciler_has_given_up(
    yard: Yard, screening: Screening, database: Any, sqs: Any, aws: Any
) -> None:
    await two_films_and_a_text(yard)
    scan_id = await yard.begin()
    await yard.finish()
    gone, other = await screening.asked()
    await screening.show(other, "nothing")
    await yard.finish()
    await yard.rows(f"UPDATE job SET {LOST} WHERE job_id = %s RETURNING 1", gone.message.job_id)
    async with database.pool("relay") as relay:
        await Reconciler(relay, sqs, aws.queue_prefix).run_once()
    await yard.finish(deliveries=2)
    assert await counted(yard, scan_id) == ("partial", 3, 0, 2, 1, {})
    assert list((await yard.notes(scan_id)).values()) == [("failed", "attempts_exhausted")]


async def test_a_scan_hears_at_once_of_a_batch_that_the_reconciler_has_given_up(
    yard: Yard, database: Any, sqs: Any, aws: Any
) -> None:
    await yard.put({"a.txt": b"mail ann.lee@example.com\n", "b.txt": b"clean\n"})
    scan_id = await yard.begin()
    for _ in range(2):
        (page,) = await yard.sent()
        await yard.deliver(page)
    (batch,) = await yard.sent()
    await yard.rows(f"UPDATE job SET {LOST} WHERE job_id = %s RETURNING 1", batch.message.job_id)
    async with database.pool("relay") as relay:
        await Reconciler(relay, sqs, aws.queue_prefix).run_once()
    await yard.finish(deliveries=2)
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.objects.done, scan.objects.failed) == ("partial", 1, 1)
    assert await yard.notes(scan_id) == {"a.txt": ("failed", "attempts_exhausted")}


async def statuses(yard: Yard) -> list[tuple[Status, bool]]:
    return [(row["status"], row["cancel_requested_at"] is not None) for row in await analyses(yard)]


async def test_a_cancelled_scan_cancels_the_films_that_it_waits_for(yard: Yard) -> None:
    await two_films_and_a_text(yard)
    scan_id = await yard.begin()
    await yard.finish()
    await yard.cancel(scan_id)
    await yard.finish()
    assert (await yard.scan(scan_id)).status == "cancelled"
    assert await statuses(yard) == [("cancelled", True)] * 2
    assert not await yard.rows("SELECT FROM job WHERE tenant_id = %s AND status = 'queued'", yard.tenant_id)


async def test_a_film_that_somebody_else_wants_goes_on(yard: Yard, screening: Screening) -> None:
    await two_films_and_a_text(yard)
    scan_id, other = await yard.begin(), await yard.begin(prefix="a")
    await yard.finish()
    (wanted,) = await yard.rows(
        "SELECT video_id FROM video WHERE object_key = 'b.mp4' AND tenant_id = %s", yard.tenant_id
    )
    async with tenant_transaction(yard.api, yard.tenant_id) as db:
        await submit_again(db, yard.tenant_id, wanted["video_id"], trace=Trace.new(), tier="exact")
    await yard.cancel(scan_id)
    await yard.finish()
    assert await statuses(yard) == [("queued", False)] * 2
    await yard.cancel(other)
    await yard.finish()
    # That of "a" was for the scans alone.
    assert sorted(await statuses(yard)) == [("cancelled", True), ("queued", False)]
    assert await screening.asked()


async def test_a_film_is_asked_for_anew_when_its_analysis_was_cancelled(yard: Yard, screening: Screening) -> None:
    await yard.put({"a.mp4": a_film()})
    await yard.cancel(await yard.begin())
    first = await yard.begin()
    await yard.finish()
    await yard.cancel(first)
    await yard.finish()
    scan_id = await yard.begin()
    await yard.finish()
    *_, envelope = sorted(await screening.asked(), key=lambda one: one.message.analysis_id)
    await screening.show(envelope, CARD)
    await yard.finish()
    assert found(await yard.findings(scan_id)) == {("a.mp4", "payment-card")}


async def test_an_analysis_that_is_cancelled_by_hand_is_a_skipped_object(yard: Yard, screening: Screening) -> None:
    await yard.put({"a.mp4": a_film()})
    scan_id = await yard.begin()
    await yard.finish()
    (envelope,) = await screening.asked()
    async with tenant_transaction(yard.api, yard.tenant_id) as db:
        await jobs.request_cancel(db, envelope.message.job_id)
    with pytest.raises(JobOver):
        await screening.show(envelope, SSN)
    await yard.finish()
    assert await counted(yard, scan_id) == ("done", 1, 0, 0, 0, {"cancelled": 1})


async def test_a_scanner_killed_at_a_film_over_and_over_notes_it_as_failed(yard: Yard, screening: Screening) -> None:
    await yard.put({"a.mp4": a_film(), "c.txt": b"mail ann.lee@example.com\n"})
    scan_id = await yard.begin()
    await yard.finish()
    (envelope,) = await screening.asked()
    await screening.show(envelope, SSN)
    (part,) = await yard.sent()
    await yard.rows(
        "UPDATE job SET status = 'running', lease_until = now(), attempts_left = 1 WHERE job_id = %s RETURNING 1",
        part.message.job_id,
    )
    await yard.deliver(part)
    assert await counted(yard, scan_id) == ("partial", 2, 0, 1, 1, {})
    (counter,) = await yard.rows("SELECT sum(objects) FROM scan_count WHERE name = 'handed' AND scan_id = %s", scan_id)
    assert counter["sum"] == 0


async def test_another_tenants_film_of_the_same_object_is_analysed_for_itself(
    yard: Yard, screening: Screening, worker_pool: Pool
) -> None:
    await yard.put({"a.mp4": a_film()})
    stranger = Yard(new_id(), yard.bucket, yard.admin, yard.api, yard.scanner, yard.s3)
    async with yard.admin.connection() as db:
        await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [stranger.tenant_id, "a stranger"])
        await db.execute(
            "INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s)", [stranger.tenant_id, yard.bucket]
        )
    ours, theirs = await yard.begin(), await stranger.begin()
    await yard.finish()
    await stranger.finish()
    (envelope,) = await screening.asked()
    await screening.show(envelope, SSN)
    await yard.finish()
    await stranger.finish()
    assert (await yard.scan(ours)).status == "done"
    assert await counted(stranger, theirs) == ("running", 1, 1, 0, 0, {})
    (other,) = await Screening(stranger, worker_pool).asked()
    assert other.message.analysis_id != envelope.message.analysis_id
