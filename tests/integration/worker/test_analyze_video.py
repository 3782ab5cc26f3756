"""AnalyzeVideo on real videos, real S3 and real Postgres: what comes out, and what is left when nothing does."""

import shutil
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from tests.films import film, without_decoder, without_moov, y4m
from tests.integration.worker.studio import Studio

from sightglass_common.db import tenant_transaction
from sightglass_common.errors import JobOver
from sightglass_common.jobs import request_cancel
from sightglass_common.outcomes import Done, Retry


async def test_scenes_of_a_film_tile_it_and_start_at_its_cuts(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"))
    assert await studio.run(envelope) == Done()
    job, found, scenes = await studio.job(envelope), await studio.found(envelope), await studio.scenes(envelope)
    assert (job["status"], job["error_code"]) == ("done", None)
    assert [s["first_frame"] for s in scenes] == [0, 30, 76, 137, 187, 242]
    assert [s["start_us"] for s in scenes[1:]] == [s["end_us"] for s in scenes[:-1]]
    assert (scenes[0]["start_us"], scenes[-1]["end_us"]) == (0, found["duration_us"])
    assert (found["frames"], found["duration_us"], found["partial"], found["attempt"]) == (250, 10_000_000, False, 1)
    assert {k: found["probe"][k] for k in ("codec", "width", "height", "frame_rate", "vfr", "rotation")} == {
        "codec": "h264", "width": 640, "height": 272, "frame_rate": 25.0, "vfr": False, "rotation": 0,
    }  # fmt: skip
    assert [s["stage"] for s in job["stages"]] == ["probe", "download", "scenes", "store"]


async def test_every_scene_has_a_thumbnail_and_the_film_a_sprite_with_its_storyboard(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"))
    await studio.run(envelope)
    found, scenes = await studio.found(envelope), await studio.scenes(envelope)
    referred = {s["thumbnail_key"] for s in scenes} | {found["sprite_key"], found["storyboard_key"]}
    assert len(referred) == len(scenes) + 2
    files = {row["object_key"] for row in await studio.rows_of("artifact", envelope)}
    assert referred | files == await studio.artifacts(envelope)
    for key in referred - {found["storyboard_key"]}:
        body = await (await studio.s3.get_object(Bucket=studio.aws.bucket, Key=key))["Body"].read()
        assert body.startswith(b"\xff\xd8")
    for scene in scenes:
        assert scene["start_us"] <= scene["keyframe_us"] < scene["end_us"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_file"),
        (b"this is text, whatever its name says\n", "not_a_video"),
        (film("broken/audio_only.mp4"), "no_video_stream"),
        (film("bikes.mp4")[:200_000], "corrupt_container"),
        (without_moov(film("bikes.mp4")), "corrupt_container"),
        (without_decoder(film("bikes.mp4")), "unsupported_codec"),
        (y4m(65_500, 65_500), "dimensions_too_large"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/segment.ts\n", "not_a_video"),
    ],
    ids=["empty", "text", "audio only", "tail cut", "no moov", "codec", "bomb", "playlist"],
)
async def test_what_is_no_sound_video_fails_for_good_and_leaves_nothing(studio: Studio, body: bytes, code: str) -> None:
    envelope = await studio.of(body)
    assert await studio.run(envelope) == Done()
    job = await studio.job(envelope)
    assert (job["status"], job["error_code"], job["error_retryable"]) == ("failed", code, False)
    assert (job["error_stage"], job["attempt"]) == ("probe", 1)
    assert await studio.artifacts(envelope) == set()
    assert studio.leftovers() == []


async def test_what_only_might_be_a_video_is_refused_when_it_was_fetched_and_leaves_nothing(studio: Studio) -> None:
    envelope = await studio.of(film("codecs/bikes1s_vp9.webm")[:400] + bytes(2_000_000))
    assert await studio.run(envelope) == Done()
    job = await studio.job(envelope)
    assert (job["error_code"], job["error_retryable"], job["error_stage"]) == ("corrupt_container", False, "scenes")
    assert await studio.artifacts(envelope) == set()
    assert studio.leftovers() == []


async def test_a_film_whose_header_is_larger_than_a_glance_is_told_as_any_other(studio: Studio) -> None:
    data = film("codecs/bikes1s_vp9.webm")
    cluster = data.index(bytes.fromhex("1f43b675"))
    pictures = bytes.fromhex("1941a469") + (0x10000000 | 3_000_000).to_bytes(4, "big") + bytes(3_000_000)
    envelope = await studio.of(data[:cluster] + pictures + data[cluster:])
    assert await studio.run(envelope) == Done()
    job, found = await studio.job(envelope), await studio.found(envelope)
    assert (job["status"], found["frames"], found["probe"]["codec"]) == ("done", 25, "vp9")
    assert [s["stage"] for s in job["stages"]] == ["probe", "download", "scenes", "store"]


async def test_a_damaged_film_gives_all_that_can_be_decoded(studio: Studio) -> None:
    envelope = await studio.of(film("broken/bitrot.mp4"))
    await studio.run(envelope)
    job, found = await studio.job(envelope), await studio.found(envelope)
    assert (job["status"], found["partial"]) == ("partial", True)
    assert found["frames"] >= 245
    assert found["bad_packets"] > 0


async def test_a_second_delivery_changes_nothing(studio: Studio) -> None:
    envelope = await studio.of(film("codecs/bikes1s_h264.mp4"))
    await studio.run(envelope)
    before = await studio.job(envelope), await studio.found(envelope), await studio.scenes(envelope)
    with pytest.raises(JobOver):
        await studio.run(envelope)
    assert (await studio.job(envelope), await studio.found(envelope), await studio.scenes(envelope)) == before


async def test_what_a_killed_attempt_left_is_swept_by_the_next(studio: Studio) -> None:
    envelope = await studio.of(film("codecs/bikes1s_h264.mp4"))
    await studio.killed_attempt(envelope)
    assert len(await studio.artifacts(envelope)) == 1
    await studio.run(envelope)
    found = await studio.found(envelope)
    assert (found["attempt"], (await studio.job(envelope))["status"]) == (2, "done")
    keys = await studio.artifacts(envelope)
    assert keys
    assert all(f"/{found['attempt']}/" in key for key in keys)


async def test_an_object_that_is_gone_fails_the_job(studio: Studio) -> None:
    envelope = await studio.of(b"x")
    (video,) = await studio.rows("SELECT object_key FROM video WHERE tenant_id = %s", studio.tenant_id)
    await studio.s3.delete_object(Bucket=studio.aws.bucket, Key=video["object_key"])
    await studio.run(envelope)
    assert (await studio.job(envelope))["error_code"] == "object_not_found"


async def test_an_object_that_s3_denies_fails_the_job(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    envelope = await studio.of(film("bikes.mp4"))
    answer: Any = {"Error": {"Code": "403"}}  # LocalStack knows no policies

    async def denied(**_: object) -> None:
        raise ClientError(answer, "HeadObject")

    monkeypatch.setattr(studio.s3, "head_object", denied)
    await studio.run(envelope)
    job = await studio.job(envelope)
    assert (job["status"], job["error_code"], job["error_retryable"]) == ("failed", "access_denied", False)


async def test_an_object_that_was_replaced_fails_the_job(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"))
    (video,) = await studio.rows("SELECT object_key FROM video WHERE tenant_id = %s", studio.tenant_id)
    await studio.s3.put_object(Bucket=studio.aws.bucket, Key=video["object_key"], Body=film("vfr.mp4"))
    await studio.run(envelope)
    assert (await studio.job(envelope))["error_code"] == "object_changed"


async def test_a_bucket_whose_link_was_taken_away_is_not_read(studio: Studio) -> None:
    bucket = f"theirs-{uuid4().hex[:8]}"
    await studio.s3.create_bucket(Bucket=bucket)
    envelope = await studio.analysis(await studio.video(film("bikes.mp4"), bucket=bucket))
    await studio.run(envelope)
    assert (await studio.job(envelope))["error_code"] == "bucket_not_linked"


async def test_a_linked_bucket_is_read(studio: Studio) -> None:
    bucket = f"ours-{uuid4().hex[:8]}"
    await studio.s3.create_bucket(Bucket=bucket)
    async with studio.admin.connection() as db:
        await db.execute("INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s)", [studio.tenant_id, bucket])
    envelope = await studio.analysis(await studio.video(film("codecs/bikes1s_vp9.webm"), bucket=bucket))
    await studio.run(envelope)
    assert (await studio.job(envelope))["status"] == "done"


async def test_without_room_on_the_disk_the_job_waits_for_another_attempt(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"))
    outcome = await studio.run(envelope, scratch_reserve_bytes=shutil.disk_usage("/").total * 10)
    job = await studio.job(envelope)
    assert isinstance(outcome, Retry)
    assert (job["status"], job["error_code"], job["error_retryable"]) == ("queued", "out_of_disk", True)
    await studio.run(envelope)
    assert (await studio.job(envelope))["status"] == "done"


async def test_a_film_over_a_limit_is_refused_before_it_is_fetched(studio: Studio) -> None:
    limits: list[tuple[dict[str, Any], str]] = [
        ({"max_video_s": 5}, "too_long"),
        ({"max_video_bytes": 1000}, "too_large"),
    ]
    for limit, code in limits:
        envelope = await studio.of(film("bikes.mp4"))
        await studio.run(envelope, **limit)
        job = await studio.job(envelope)
        assert job["error_code"] == code
        assert [s["stage"] for s in job["stages"]] == ["probe"]


async def test_a_decoder_that_needs_too_much_memory_fails_the_job_and_not_the_worker(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"))
    await studio.run(envelope, decoder_memory_bytes=150 * 2**20)
    assert (await studio.job(envelope))["error_code"] in {"memory_limit", "decoder_crashed"}
    again = await studio.of(film("codecs/bikes1s_h264.mp4"))
    await studio.run(again)
    assert (await studio.job(again))["status"] == "done"


async def test_a_cancelled_job_stays_cancelled(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"))
    async with tenant_transaction(studio.admin, studio.tenant_id) as db:
        await request_cancel(db, envelope.message.job_id)
    with pytest.raises(JobOver):
        await studio.run(envelope)
    assert (await studio.job(envelope))["status"] == "cancelled"


async def test_a_failed_job_that_is_retried_replaces_nothing_it_should_keep(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"))
    await studio.run(envelope, max_video_s=5)
    again = await studio.retried(envelope)
    await studio.run(again)
    assert (await studio.job(again))["status"] == "done"
    assert len(await studio.scenes(again)) == 6
