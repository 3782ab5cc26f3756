"""Previews on real S3 and Postgres: seen while they run, once, and never two attempts' scenes together."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.films import film
from tests.integration.worker.studio import Studio

from sightglass_common import leases
from sightglass_common.db import tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.errors import JobOver
from sightglass_common.job_runner import JobRunner
from sightglass_common.jobs import request_cancel
from sightglass_common.messages import AnalyzeVideo, Envelope
from sightglass_common.outcomes import Done, Leave, Retry
from sightglass_common.queues import VIDEO_ANALYSES
from sightglass_worker import queries
from sightglass_worker.decode.results import Preview, PreviewScene
from sightglass_worker.decode.run import FilmDecoder
from sightglass_worker.handlers import AnalyzeVideoHandler

CUTS_US = [0, 1_200_000, 3_040_000, 5_480_000, 7_480_000, 9_680_000]


class Gate:
    """Holds a preview after some of its scenes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()
        whole = FilmDecoder.preview

        async def held(film: FilmDecoder, *args: Any, on_scene: Any, **more: Any) -> Preview:
            async def on_scene_held(found: PreviewScene) -> None:
                if found.index == after:
                    self.reached.set()
                    await self.opened.wait()
                await on_scene(found)

            return await whole(film, *args, on_scene=on_scene_held, **more)

        monkeypatch.setattr(FilmDecoder, "preview", held)


async def until_stored(studio: Studio, envelope: Envelope[AnalyzeVideo], scenes: int) -> None:
    while len(await studio.scenes(envelope)) < scenes:
        pass


@asynccontextmanager
async def running(studio: Studio, envelope: Envelope[AnalyzeVideo], lease_s: float = 30) -> AsyncGenerator[Any]:
    """An attempt under way; what is still running at the end is stopped as by a shutdown."""
    handler = AnalyzeVideoHandler(studio.worker, studio.s3, studio.settings())
    runner = JobRunner(studio.worker, VIDEO_ANALYSES, handler, lease_s=lease_s)
    attempt = asyncio.create_task(runner(Delivery(envelope)))
    try:
        yield attempt
    finally:
        attempt.cancel()
        await asyncio.wait([attempt])


async def test_a_preview_finds_scenes_and_neither_text_nor_motion_nor_a_score(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"), "preview")
    assert await studio.run(envelope) == Done()
    job, found, scenes = await studio.job(envelope), await studio.found(envelope), await studio.scenes(envelope)
    assert (job["status"], [s["stage"] for s in job["stages"]]) == ("done", ["probe", "scenes"])
    assert [s["start_us"] for s in scenes] == CUTS_US
    assert [s["end_us"] for s in scenes] == [*CUTS_US[1:], 10_000_000]
    assert {s[name] for s in scenes for name in ("first_frame", "last_frame", "motion_kind")} == {None}
    assert {found[name] for name in ("frames", "text_coverage", "score", "sprite_key", "storyboard_key")} == {None}
    assert (found["attempt"], found["duration_us"], found["partial"]) == (1, 10_000_000, False)
    assert found["preview"] == {"key_frames": 6, "longest_gap_us": 2_440_000}
    assert (found["probe"]["vfr"], found["probe"]["width"]) == (None, 640)
    assert await studio.artifacts(envelope) == {s["thumbnail_key"] for s in scenes}
    for table in ("screen_text", "track", "artifact"):
        assert await studio.rows_of(table, envelope) == []
    assert not studio.scratch.exists()


async def test_scenes_are_seen_while_the_preview_runs_with_thumbnails_that_are_there(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, after=3)
    envelope = await studio.of(film("bikes.mp4"), "preview")
    async with running(studio, envelope) as attempt:
        await gate.reached.wait()
        await until_stored(studio, envelope, 3)
        scenes, job, found = await studio.scenes(envelope), await studio.job(envelope), await studio.found(envelope)
        assert ([s["start_us"] for s in scenes], job["status"]) == (CUTS_US[:3], "running")
        assert (found["attempt"], found["preview"]) == (None, None)
        assert await studio.artifacts(envelope) >= {s["thumbnail_key"] for s in scenes}
        gate.opened.set()
        assert await attempt == Done()
    assert [s["start_us"] for s in await studio.scenes(envelope)] == CUTS_US


async def test_what_a_killed_attempt_stored_is_replaced_and_a_further_delivery_changes_nothing(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"), "preview")
    async with tenant_transaction(studio.worker, studio.tenant_id) as db:
        await leases.claim(db, envelope.message.job_id, lease_s=0.0, message_id=envelope.id)
    await left_behind(studio, envelope, scenes=4, attempt=1)
    assert await studio.run(envelope) == Done()
    scenes = await studio.scenes(envelope)
    assert [s["start_us"] for s in scenes] == CUTS_US
    assert (await studio.found(envelope))["attempt"] == 2
    assert await studio.artifacts(envelope) == {s["thumbnail_key"] for s in scenes}
    assert all("/2/" in s["thumbnail_key"] for s in scenes)
    with pytest.raises(JobOver):
        await studio.run(envelope)
    assert await studio.scenes(envelope) == scenes


async def left_behind(studio: Studio, envelope: Envelope[AnalyzeVideo], *, scenes: int, attempt: int) -> None:
    """Scenes of a killed attempt that saw another film than there is."""
    message = envelope.message
    for number in range(scenes):
        key = f"tenants/{studio.tenant_id}/analyses/{message.analysis_id}/{attempt}/scene-{number:05}.jpg"
        await studio.s3.put_object(Bucket=studio.aws.bucket, Key=key, Body=b"left")
        async with studio.admin.connection() as db:
            await db.execute(
                "INSERT INTO scene (tenant_id, analysis_id, number, start_us, end_us, boundary_kind, boundary_score,"
                " thumbnail_key) VALUES (%s, %s, %s, %s, %s, 'cut', 1, %s)",
                [studio.tenant_id, message.analysis_id, number, number * 7, number * 7 + 7, key],
            )


async def test_an_attempt_that_was_overtaken_stores_nothing_more_and_takes_nothing_away(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = await studio.of(film("bikes.mp4"), "preview")
    gate = Gate(monkeypatch, after=2)
    async with running(studio, envelope) as paused:
        await gate.reached.wait()
        await until_stored(studio, envelope, 2)
        await overdue(studio, envelope)
        monkeypatch.undo()
        assert await studio.run(envelope) == Done()
        scenes, objects = await studio.scenes(envelope), await studio.artifacts(envelope)
        gate.opened.set()
        assert await paused == Leave()
    assert await studio.scenes(envelope) == scenes
    assert [s["start_us"] for s in scenes] == CUTS_US
    assert (await studio.found(envelope))["attempt"] == 2
    assert objects <= await studio.artifacts(envelope)


async def test_an_attempt_that_was_overtaken_adds_nothing_to_what_the_next_has_begun_anew(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = await studio.of(film("bikes.mp4"), "preview")
    gate = Gate(monkeypatch, after=2)
    async with running(studio, envelope) as paused:
        await gate.reached.wait()
        await until_stored(studio, envelope, 2)
        await overdue(studio, envelope)
        async with tenant_transaction(studio.worker, studio.tenant_id) as db:
            await leases.claim(db, envelope.message.job_id, lease_s=30, message_id=envelope.id)
            await queries.forget(db, envelope.message.analysis_id)
        gate.opened.set()
        assert await paused == Leave()
    assert await studio.scenes(envelope) == []


async def overdue(studio: Studio, envelope: Envelope[AnalyzeVideo]) -> None:
    """The lease of the attempt under way has run out, as if its worker had been paused."""
    async with studio.admin.connection() as db:
        await db.execute(
            "UPDATE job SET lease_until = now() - interval '1 second' WHERE job_id = %s", [envelope.message.job_id]
        )


async def test_a_failed_attempt_leaves_what_it_found_to_be_seen_until_the_next(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, after=2)
    envelope = await studio.of(film("bikes.mp4"), "preview")
    async with running(studio, envelope) as attempt:
        await gate.reached.wait()
        await until_stored(studio, envelope, 2)
        with monkeypatch.context() as away:
            away.setattr(queries, "add_scenes", _database_away)
            gate.opened.set()
            assert isinstance(await attempt, Retry)
    scenes = await studio.scenes(envelope)
    assert [s["start_us"] for s in scenes] == CUTS_US[:2]
    assert {s["thumbnail_key"] for s in scenes} <= await studio.artifacts(envelope)
    assert (await studio.job(envelope))["status"] == "queued"
    assert await studio.run(envelope) == Done()
    scenes = await studio.scenes(envelope)
    assert [s["start_us"] for s in scenes] == CUTS_US
    assert await studio.artifacts(envelope) == {s["thumbnail_key"] for s in scenes}


async def _database_away(*_: object) -> None:
    raise ConnectionError


async def test_a_cancelled_preview_ends(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch, after=2)
    envelope = await studio.of(film("bikes.mp4"), "preview")
    async with running(studio, envelope, lease_s=1) as attempt:
        await gate.reached.wait()
        async with tenant_transaction(studio.admin, studio.tenant_id) as db:
            await request_cancel(db, envelope.message.job_id)
        assert await attempt == Done()
    assert (await studio.job(envelope))["status"] == "cancelled"


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "empty_file"), (b"only text\n", "not_a_video"), (film("bikes.mp4")[:200_000], "corrupt_container")],
)
async def test_what_is_no_sound_video_fails_with_its_code(studio: Studio, body: bytes, code: str) -> None:
    envelope = await studio.of(body, "preview")
    assert await studio.run(envelope) == Done()
    job = await studio.job(envelope)
    assert (job["status"], job["error_code"]) == ("failed", code)
    assert (await studio.scenes(envelope), await studio.artifacts(envelope)) == ([], set())
