"""Texts on the screens of videos: looked through once however often they are delivered, and by their tenant only."""

import json
from typing import Any
from uuid import UUID

import pytest
from tests.integration.scanner.yard import Yard

from sightglass_common import jobs
from sightglass_common.db import tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.errors import AnalysisNotFound
from sightglass_common.ids import new_id
from sightglass_common.job_runner import JobRunner
from sightglass_common.messages import Envelope, ScanTexts, wrap
from sightglass_common.outcomes import Done, Outcome
from sightglass_common.queues import TEXTS_TO_SCAN
from sightglass_scanner.screen.handler import ScanTextsHandler

SSN = "ssn 536-90-4399"
VIDEO = """
    INSERT INTO video (tenant_id, video_id, bucket, object_key, etag, size_bytes, filename, content_type)
    VALUES (%s, %s, %s, 'a film.mp4', '"e1"', 1, 'a film.mp4', 'video/mp4')
"""
JOB = "INSERT INTO job (tenant_id, job_id, kind, queue, message, sends) VALUES (%s, %s, 'analysis', 'q', '{}', 1)"
ANALYSIS = "INSERT INTO analysis (tenant_id, analysis_id, video_id, job_id, tier) VALUES (%s, %s, %s, %s, 'exact')"
TEXT = "INSERT INTO screen_text VALUES (%s, %s, %s, 0, 9, %s, '', 1, %s)"


async def an_analysis(yard: Yard, *texts: str) -> UUID:
    """An analysis that has read these texts, one under the other."""
    video_id, job_id, analysis_id = new_id(), new_id(), new_id()
    async with yard.admin.connection() as db, db.transaction():
        await db.execute(VIDEO, [yard.tenant_id, video_id, yard.bucket])
        await db.execute(JOB, [yard.tenant_id, job_id])
        await db.execute(ANALYSIS, [yard.tenant_id, analysis_id, video_id, job_id])
        for number, text in enumerate(texts):
            span = {
                "start_us": 1000 * number,
                "end_us": 1000 * number + 900,
                "box": [0.1, 0.1 + 0.2 * number, 0.5, 0.04],
            }
            await db.execute(TEXT, [yard.tenant_id, analysis_id, number, text, json.dumps([span])])
    return analysis_id


async def asked(yard: Yard, analysis_id: UUID) -> Envelope[ScanTexts]:
    message = ScanTexts(tenant_id=yard.tenant_id, job_id=new_id(), analysis_id=analysis_id)
    envelope = wrap(message, source="test")
    async with tenant_transaction(yard.api, yard.tenant_id) as db:
        await jobs.enqueue(db, TEXTS_TO_SCAN, envelope, kind="text_scan", job_id=message.job_id)
    return envelope


async def delivered(yard: Yard, envelope: Envelope[ScanTexts]) -> Outcome:
    runner = JobRunner(yard.scanner, TEXTS_TO_SCAN, ScanTextsHandler(yard.scanner, yard.settings()))
    return await runner(Delivery(envelope))


async def seen(yard: Yard, analysis_id: UUID) -> list[dict[str, Any]]:
    return await yard.rows(
        "SELECT f.*, s.start_us, s.end_us, s.spans FROM analysis_finding s JOIN finding f USING (tenant_id, finding_id)"
        " WHERE analysis_id = %s ORDER BY s.start_us",
        analysis_id,
    )


async def test_what_a_screen_shows_is_a_finding_of_the_videos_object_with_its_time(yard: Yard) -> None:
    analysis_id = await an_analysis(yard, "Welcome", SSN, "mail ann.lee@example.com")
    assert await delivered(yard, await asked(yard, analysis_id)) == Done()
    ssn, mail = await seen(yard, analysis_id)
    assert (ssn["bucket"], ssn["object_key"], ssn["version"]) == (yard.bucket, "a film.mp4", "e1")
    assert (ssn["detector"], ssn["start_us"], ssn["end_us"], ssn["masked"]) == ("us-ssn", 1000, 1900, "***-**-4399")
    assert (mail["detector"], mail["spans"][0]["start_us"]) == ("email", 2000)
    (row,) = await yard.rows("SELECT texts_scanned_at FROM analysis WHERE analysis_id = %s", analysis_id)
    assert row["texts_scanned_at"] is not None


async def test_delivered_again_and_asked_again_it_is_the_same(yard: Yard) -> None:
    analysis_id = await an_analysis(yard, SSN)
    envelope = await asked(yard, analysis_id)
    await delivered(yard, envelope)
    before = await seen(yard, analysis_id)
    with pytest.raises(Exception, match="done"):
        await delivered(yard, envelope)
    await delivered(yard, await asked(yard, analysis_id))
    assert await seen(yard, analysis_id) == before
    assert len(await yard.rows("SELECT FROM finding WHERE tenant_id = %s", yard.tenant_id)) == 1


async def test_texts_without_anything_sensitive_are_looked_through_all_the_same(yard: Yard) -> None:
    analysis_id = await an_analysis(yard, "Welcome")
    await delivered(yard, await asked(yard, analysis_id))
    (row,) = await yard.rows("SELECT texts_scanned_at FROM analysis WHERE analysis_id = %s", analysis_id)
    assert row["texts_scanned_at"] is not None
    assert await seen(yard, analysis_id) == []


async def test_a_message_that_names_another_tenants_analysis_finds_none(yard: Yard) -> None:
    analysis_id = await an_analysis(yard, SSN)
    stranger = Yard(new_id(), yard.bucket, yard.admin, yard.api, yard.scanner, yard.s3)
    async with yard.admin.connection() as db:
        await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [stranger.tenant_id, "a stranger"])
    envelope = await asked(stranger, analysis_id)
    await delivered(stranger, envelope)
    (job,) = await yard.rows("SELECT status, error_code FROM job WHERE job_id = %s", envelope.message.job_id)
    assert (job["status"], job["error_code"]) == ("failed", AnalysisNotFound.code)
    assert await seen(yard, analysis_id) == []
