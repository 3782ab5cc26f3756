"""Labels of films from end to end: real decoding, text engine, Postgres and S3, and a provider at the end of a wire."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any

import numpy as np
import psycopg
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from pydantic import SecretStr
from tests.fakes.openai import KEY, MODEL, FakeOpenAi
from tests.fakes.serving import FakeProvider, Reply, served
from tests.films import Image, drawn, texture
from tests.integration.worker.studio import Studio

from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.errors import JobOver
from sightglass_common.jobs import request_cancel
from sightglass_common.messages import AnalyzeVideo, Envelope
from sightglass_worker.labels.opening import open_provider
from sightglass_worker.labels.provider import LabelProvider
from sightglass_worker.ocr.readers import TextReaders

ROWS, COLUMNS = 540, 960
SECRET = "4929 1234 5678 9012"
# Where the secret stands, as shares of the picture: a little inside of the band that is drawn for it.
BAND = (0.26, 0.56, 0.48, 0.08)


def screen(seed: int, text: str = SECRET) -> Image:
    """A bright picture with a line of text on a white band."""
    picture = Pillow.fromarray(texture(seed, rows=ROWS, columns=COLUMNS) // 2 + np.uint8(120))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((200, 280, 760, 360), fill=(250, 250, 250))
    draw.text((250, 295), text, fill=(10, 10, 10), font=ImageFont.load_default(44))
    return np.asarray(picture)


@cache
def film() -> bytes:
    """Two scenes of two seconds each, five frames a second, with one secret on both."""
    return drawn([screen(1)] * 10 + [screen(2)] * 10, times=range(0, 4000, 200))


@asynccontextmanager
async def provider() -> AsyncGenerator[tuple[FakeProvider, LabelProvider]]:
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(served(FakeOpenAi()))
        opening = open_provider("openai", base_url=f"{fake.url}/v1", model=MODEL, api_key=SecretStr(KEY))
        opened = await stack.enter_async_context(opening)
        assert opened is not None
        yield fake, opened


async def labels_of(studio: Studio, envelope: Envelope[AnalyzeVideo]) -> list[dict[str, Any]]:
    return await studio.rows_of("scene_label", envelope)


async def test_what_leaves_has_its_text_painted_out_and_what_comes_back_is_stored(
    studio: Studio, readers: TextReaders
) -> None:
    envelope = await studio.of(film())
    async with provider() as (fake, opened):
        await studio.run(envelope, readers=readers, provider=opened)
        assert fake.wrong == []
        pictures = [picture for call in fake.calls for picture in call]
    assert len(pictures) == 2
    for picture in pictures:
        assert picture.long_side == 768
        assert not picture.has_metadata
        assert picture.inside(*BAND).max() < 90
        assert picture.inside(0, 0.75, 1, 0.2).mean() > 120
    found, stored = await studio.found(envelope), await labels_of(studio, envelope)
    assert (found["labels"]["status"], found["labels"]["labelled"], found["labels"]["sent"]) == ("done", 2, 2)
    scenes = await studio.scenes(envelope)
    assert [(row["scene"], row["number"], row["name"], row["t_us"]) for row in stored] == [
        (scene["number"], number, name, scene["keyframe_us"])
        for scene in scenes
        for number, name in enumerate(("bicycle", "street"))
    ]
    assert [stage["stage"] for stage in (await studio.job(envelope))["stages"]][-2:] == ["labels", "store"]


async def test_a_second_analysis_costs_no_call_and_a_second_delivery_changes_nothing(
    studio: Studio, readers: TextReaders
) -> None:
    video_id = await studio.video(film())
    first, second = await studio.analysis(video_id), await studio.analysis(video_id)
    async with provider() as (fake, opened):
        await studio.run(first, readers=readers, provider=opened)
        asked, before = fake.requests, await labels_of(studio, first)
        with pytest.raises(JobOver):
            await studio.run(first, readers=readers, provider=opened)
        await studio.run(second, readers=readers, provider=opened)
        assert fake.requests == asked == 2
    assert await labels_of(studio, first) == before
    strip = [{**row, "analysis_id": None} for row in before]
    assert [{**row, "analysis_id": None} for row in await labels_of(studio, second)] == strip
    labels = (await studio.found(second))["labels"]
    assert (labels["status"], labels["cached"], labels["calls"], labels["sent"]) == ("done", 2, 0, 0)


async def test_a_killed_attempt_has_paid_for_the_next(studio: Studio, readers: TextReaders) -> None:
    envelope = await studio.of(film())
    async with provider() as (fake, opened):
        await studio.run(await studio.analysis(await studio.video(film())), readers=readers, provider=opened)
        asked = fake.requests
        await studio.killed_attempt(envelope)
        await studio.run(envelope, readers=readers, provider=opened)
        assert fake.requests == asked
    assert (await studio.found(envelope))["labels"]["cached"] == 2


async def test_off_by_default_nothing_is_asked_and_that_is_said(studio: Studio) -> None:
    envelope = await studio.of(film())
    await studio.run(envelope)
    assert (await studio.found(envelope))["labels"]["status"] == "off"
    assert await labels_of(studio, envelope) == []
    assert "labels" not in [stage["stage"] for stage in (await studio.job(envelope))["stages"]]


async def test_where_no_text_is_looked_for_no_frame_leaves(studio: Studio) -> None:
    envelope = await studio.of(film())
    async with provider() as (fake, opened):
        await studio.run(envelope, provider=opened)
        assert fake.requests == 0
    labels = (await studio.found(envelope))["labels"]
    assert (labels["status"], labels["reason"]) == ("failed", "text_not_looked_for")
    assert (labels["text_not_looked_for"], (await studio.job(envelope))["status"]) == (2, "done")


async def test_a_frame_whose_text_was_not_read_stays_here(studio: Studio, readers: TextReaders) -> None:
    pages = [screen(seed, f"{SECRET} {seed}") for seed in range(12)]
    envelope = await studio.of(drawn([page for page in pages for _ in range(12)]))
    async with provider() as (fake, opened):
        await studio.run(envelope, readers=readers, provider=opened, text_calls_per_minute=3)
        labels = (await studio.found(envelope))["labels"]
        assert labels["text_capped"] > 0
        assert labels["text_capped"] + labels["labelled"] == len(await studio.scenes(envelope))
        assert labels["sent"] == sum(map(len, fake.calls)) == labels["labelled"]


async def test_the_budget_holds(studio: Studio, readers: TextReaders) -> None:
    envelope = await studio.of(film())
    async with provider() as (fake, opened):
        await studio.run(envelope, readers=readers, provider=opened, label_frames=1, label_frames_per_scene=3)
        assert [len(call) for call in fake.calls] == [1]
    labels = (await studio.found(envelope))["labels"]
    assert (labels["status"], labels["reason"], labels["sent"]) == ("partial", "budget", 1)
    assert labels["budget"] >= 1


async def test_a_provider_that_refuses_costs_nothing_but_the_labels(studio: Studio, readers: TextReaders) -> None:
    envelope = await studio.of(film())
    async with provider() as (fake, opened):
        fake.replies.extend([Reply(401)] * 4)
        await studio.run(envelope, readers=readers, provider=opened)
    found = await studio.found(envelope)
    assert (found["labels"]["status"], found["labels"]["reason"]) == ("failed", "provider_refused")
    assert ((await studio.job(envelope))["status"], found["partial"]) == ("done", False)
    assert found["score"]
    assert await studio.rows_of("screen_text", envelope)
    assert len(await studio.scenes(envelope)) == 2
    kept = await studio.rows("SELECT FROM label_cache WHERE tenant_id = %s", studio.tenant_id)
    assert kept == []


async def test_a_cancel_stops_it(studio: Studio, readers: TextReaders) -> None:
    envelope = await studio.of(film())

    class Cancels:
        identity, frames_per_call = "cancels", 1

        async def label(self, frames: Any, max_labels: int) -> list[Any]:
            async with tenant_transaction(studio.admin, studio.tenant_id) as db:
                await request_cancel(db, envelope.message.job_id)
            return []

    await studio.run(envelope, readers=readers, provider=Cancels())
    assert (await studio.job(envelope))["status"] == "cancelled"
    assert await labels_of(studio, envelope) == []


async def test_a_retried_job_has_its_labels_replaced(studio: Studio, readers: TextReaders) -> None:
    envelope = await studio.of(film())
    async with studio.admin.connection() as db:
        await db.execute(
            "INSERT INTO scene_label (tenant_id, analysis_id, scene, number, t_us, name, confidence)"
            " VALUES (%s, %s, 0, 0, 0, 'old', 1)",
            [studio.tenant_id, envelope.message.analysis_id],
        )
    async with provider() as (_, opened):
        await studio.run(envelope, readers=readers, provider=opened)
    assert "old" not in [row["name"] for row in await labels_of(studio, envelope)]


async def test_the_api_cannot_read_what_was_paid_for(
    studio: Studio, api_pool: Pool, worker_pool: Pool, relay_pool: Pool
) -> None:
    for pool, column in ((api_pool, "key"), (relay_pool, "labels")):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with tenant_transaction(pool, studio.tenant_id) as db:
                await db.execute(f"SELECT {column} FROM label_cache".encode())
    async with tenant_transaction(worker_pool, studio.tenant_id) as db:
        assert await (await db.execute("SELECT labels FROM label_cache")).fetchall() == []
