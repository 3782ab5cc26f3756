"""What an analysis finds beyond scenes: texts on screen, what moves, a score, and files that a player can draw."""

import json
from collections import Counter
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.films import FILMS, film
from tests.integration.worker.studio import Studio

from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.ids import new_id
from sightglass_common.messages import ScanSource, ScanTexts, from_json
from sightglass_common.queues import TEXTS_TO_SCAN
from sightglass_detect import Settings
from sightglass_scanner.screen.detecting import found_on_screen
from sightglass_scanner.screen.lines import ScreenText, Span
from sightglass_scanner.sealing import Place
from sightglass_worker.ocr.readers import TextReaders


async def read(studio: Studio, key: str) -> bytes:
    return await (await studio.s3.get_object(Bucket=studio.aws.bucket, Key=key))["Body"].read()


async def test_a_film_of_people_has_motion_tracks_a_score_and_an_overlay(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"))
    await studio.run(envelope)
    found, scenes = await studio.found(envelope), await studio.scenes(envelope)
    tracks, files = await studio.rows_of("track", envelope), await studio.rows_of("artifact", envelope)
    assert {scene["motion_kind"] for scene in scenes} <= {"still", "camera", "object", "both"}
    assert max(scene["motion_mean"] for scene in scenes) > 0
    assert tracks
    starts = [scene["start_us"] for scene in scenes]
    for track in tracks:
        assert track["method"] == "motion"
        assert not [start for start in starts if track["start_us"] < start <= track["end_us"]]
        x, y, width, height = track["bounds"]
        assert min(x, y) >= -0.001
        assert max(x + width, y + height) <= 1.001
    assert found["score"]["version"] == 1
    assert {part["name"] for part in found["score"]["parts"]} == {
        "coverage", "smoothness", "range", "tempo", "symmetry",
    }  # fmt: skip
    (chunk,) = (row for row in files if row["kind"] == "overlay")
    assert (chunk["start_us"], chunk["end_us"]) == (0, found["duration_us"])
    shown: Any = json.loads(await read(studio, chunk["object_key"]))
    numbers = {box["track"] for frame in shown["frames"] for box in frame["boxes"]}
    assert numbers == {track["number"] for track in tracks}
    (cues,) = (row for row in files if row["kind"] == "overlay_vtt")
    assert (await read(studio, cues["object_key"])).startswith(b"WEBVTT\n\n")


async def test_text_on_screen_is_read_stored_and_masked(studio: Studio, api_pool: Pool, readers: TextReaders) -> None:
    envelope = await studio.of(film("screen_light.mp4"))
    await studio.run(envelope, readers=readers)
    found, texts = await studio.found(envelope), await studio.rows_of("screen_text", envelope)
    truth: Any = json.loads((FILMS / "screen_light.truth.json").read_text())
    clear = "".join(text["clear"] for text in texts).replace(" ", "")
    for value in truth["items"]:
        assert value["text"].replace(" ", "") in clear
    assert found["text_coverage"]["read"] == found["text_coverage"]["looks"]
    for text in texts:
        assert not any(sign.isalnum() for sign in text["masked"])
        assert text["start_us"] == text["spans"][0]["start_us"] < text["end_us"] == text["spans"][-1]["end_us"]
    async with tenant_transaction(api_pool, studio.tenant_id) as db:
        seen = await (await db.execute("SELECT count(masked) FROM screen_text")).fetchone()
        assert seen == (len(texts),)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with tenant_transaction(api_pool, studio.tenant_id) as db:
            await db.execute("SELECT clear FROM screen_text")
    (asked,) = await studio.rows("SELECT body FROM outbox WHERE queue = %s", TEXTS_TO_SCAN.name)
    assert from_json(asked["body"], ScanTexts).message.analysis_id == envelope.message.analysis_id
    assert sensitive(texts) == Counter(KINDS[value["kind"]] for value in truth["items"])


KINDS = {
    "credit_card": "payment-card", "email": "email", "phone": "phone", "ssn": "us-ssn", "aws_key": "aws-access-key-id",
}  # fmt: skip


def sensitive(texts: list[dict[str, Any]]) -> Counter[str]:
    """What the scanner finds in the texts that were read: how many values of each kind."""
    seen = [
        ScreenText(
            text["number"], text["clear"], [Span(s["start_us"], s["end_us"], tuple(s["box"])) for s in text["spans"]]
        )
        for text in texts
    ]
    place = Place(UUID(int=1), "films", "a.mp4", "v1")
    found = found_on_screen(seen, place=place, video_id=UUID(int=2), key=b"k" * 32, settings=Settings(ocr=True))
    return Counter(one.row.detector for one in found)


async def test_without_a_reader_nothing_is_said_of_texts_and_datasets_read_the_film(studio: Studio) -> None:
    envelope = await studio.of(film("bikes.mp4"))
    async with studio.admin.connection() as db, db.transaction():
        ids = {"t": studio.tenant_id, "d": new_id(), "j": envelope.message.job_id}
        await db.execute(
            "INSERT INTO dataset (tenant_id, dataset_id, name, language, all_videos)"
            " VALUES (%(t)s, %(d)s, 'films', 'english', true)",
            ids,
        )
        await db.execute(
            "INSERT INTO source (tenant_id, source_id, dataset_id, job_id, bucket, object_key, version_id, etag,"
            " size_bytes, filename, content_type, of_videos)"
            " VALUES (%(t)s, %(d)s, %(d)s, %(j)s, '', '', '', '', 0, '', '', true)",
            ids,
        )
    await studio.run(envelope)
    (read,) = await studio.rows(
        "SELECT body FROM outbox WHERE queue = 'sources-to-scan' AND tenant_id = %s", studio.tenant_id
    )
    assert from_json(read["body"], ScanSource).message.source_id == ids["d"]
    assert (await studio.found(envelope))["text_coverage"] is None
    assert not await studio.rows_of("screen_text", envelope)
    assert not await studio.rows(
        "SELECT body FROM outbox WHERE queue = %s AND tenant_id = %s", TEXTS_TO_SCAN.name, studio.tenant_id
    )
