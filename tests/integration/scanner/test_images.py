"""Images in a bucket: read once by the worker's text engine, and counted exactly, with the reason of what was not."""

import io
import zlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image, ImageDraw, ImageFont
from pydantic import SecretStr
from tests.integration.scanner.yard import Yard

from sightglass_common.db import Pool, tenant_transaction
from sightglass_common.delivery import Delivery
from sightglass_common.errors import JobOver
from sightglass_common.ids import new_id
from sightglass_common.job_runner import JobRunner
from sightglass_common.messages import Envelope, ReadImage, from_json
from sightglass_common.queues import IMAGES_TO_READ
from sightglass_worker.images.handler import ReadImageHandler
from sightglass_worker.ocr.readers import TextReaders, text_readers
from sightglass_worker.settings import WorkerSettings
from sightglass_worker.telling import Telling

CARD = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
async def readers() -> AsyncGenerator[TextReaders]:
    """One engine for all tests of this module."""
    async with text_readers("rapidocr") as opened:
        assert opened is not None
        yield opened


@dataclass(frozen=True, slots=True)
class Darkroom:
    """The worker beside a yard."""

    yard: Yard
    worker: Pool
    readers: TextReaders | None
    scratch: Path

    async def asked(self) -> list[Envelope[ReadImage]]:
        rows = await self.yard.rows(
            "DELETE FROM outbox WHERE tenant_id = %s AND queue = 'images-to-read' RETURNING body", self.yard.tenant_id
        )
        return [from_json(row["body"], ReadImage) for row in rows]

    async def read(self, envelope: Envelope[ReadImage], *, killed: bool = False, **changes: Any) -> None:
        settings = WorkerSettings(database_url=SecretStr("unused"), bucket="unused", scratch=self.scratch, **changes)
        runner: Any = JobRunner(
            self.worker, IMAGES_TO_READ, ReadImageHandler(self.worker, self.yard.s3, settings, self.readers)
        )
        await (runner if killed else Telling(self.worker, runner))(Delivery(envelope))

    async def finish(self) -> None:
        await self.yard.finish()
        while asked := await self.asked():
            for envelope in asked:
                await self.read(envelope)
            await self.yard.finish()


@pytest.fixture
def darkroom(yard: Yard, worker_pool: Pool, readers: TextReaders, tmp_path: Path) -> Darkroom:
    return Darkroom(yard, worker_pool, readers, tmp_path)


def drawn(text: str, kind: str = "PNG", **options: Any) -> bytes:
    image = Image.new("RGB", (640, 240), "white")
    ImageDraw.Draw(image).text((60, 100), text, fill="black", font=ImageFont.load_default(36))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_exif(text: str, said: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = said  # ImageDescription
    return drawn(text, "JPEG", exif=exif, quality=95)


def bomb() -> bytes:
    """400 million pixels in some 50 kB."""
    out = io.BytesIO()
    Image.new("1", (8, 8)).save(out, "PNG")
    small = bytearray(out.getvalue())
    at = small.index(b"IHDR")
    small[at + 4 : at + 12] = (20_000).to_bytes(4) * 2
    small[at + 17 : at + 21] = zlib.crc32(small[at : at + 17]).to_bytes(4)
    data = zlib.compress(bytes(2501 * 20_000), 9)
    begin = small.index(b"IDAT")
    chunk = b"IDAT" + data
    return bytes(small[: begin - 4]) + len(data).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4) + small[-12:]


async def found(yard: Yard, scan_id: UUID) -> dict[str, dict[str, Any]]:
    return {row["object_key"]: row for row in await yard.findings(scan_id)}


async def test_a_card_number_in_an_image_is_found_with_its_box(yard: Yard, darkroom: Darkroom) -> None:
    kinds = ("png", "gif", "bmp", "tiff", "webp", "jpeg", "avif")
    pictures = {f"a.{kind}": drawn(CARD, kind, quality=95) for kind in kinds}
    await yard.put(pictures | {"clean.png": drawn("nothing"), "c.txt": b"mail ann.lee@example.com\n"})
    scan_id = await yard.begin()
    await yard.finish(deliveries=2)
    assert (await yard.scan(scan_id)).objects.handed == 8
    await darkroom.finish()
    scan = await yard.scan(scan_id)
    assert (scan.status, scan.objects.done, scan.objects.handed, scan.objects.partly) == ("done", 9, 0, {})
    rows = await found(yard, scan_id)
    assert {key for key, row in rows.items() if row["detector"] == "payment-card"} == set(pictures)
    locator = rows["a.png"]["locator"]
    x, y, width, height = locator["box"]
    assert (locator["kind"], locator["times"]) == ("image", 1)
    assert (x, y) == pytest.approx((60 / 640, 108 / 240), abs=0.03)
    assert (width, height) == pytest.approx((350 / 640, 28 / 240), abs=0.06)
    shown = await yard.rows("SELECT row_to_json(f)::text AS shown FROM finding f WHERE tenant_id = %s", yard.tenant_id)
    assert not [row for row in shown if CARD in row["shown"]]


async def test_what_exif_says_counts_too_and_neither_twice(yard: Yard, darkroom: Darkroom) -> None:
    await yard.put({"a.jpg": with_exif(f"card {CARD}", "by ann.lee@example.com")})
    first = await yard.begin()
    await darkroom.finish()
    again = await yard.begin()
    await yard.finish(deliveries=2)
    assert await darkroom.asked() == []
    known = await yard.begin(incremental=True)
    await yard.finish()
    for scan_id in (first, again, known):
        scan = await yard.scan(scan_id)
        assert scan.status == "done"
        assert (scan.objects.done, scan.findings.by_detector) == (1, {"email": 1, "payment-card": 1})
    assert (await yard.scan(known)).objects.unchanged == 1
    assert len(await yard.rows("SELECT FROM finding WHERE tenant_id = %s", yard.tenant_id)) == 2


async def test_images_that_cannot_be_read_are_counted_with_their_reasons(yard: Yard, darkroom: Darkroom) -> None:
    whole = drawn(CARD)
    await yard.put({"bomb.png": bomb(), "broken.png": whole[: len(whole) // 2], "zero.gif": b"GIF89a" + bytes(40)})
    scan_id = await yard.begin()
    await darkroom.finish()
    scan = await yard.scan(scan_id)
    assert scan.status == "done"
    assert await yard.notes(scan_id) == {
        "bomb.png": ("skipped", "dimensions_too_large"),
        "broken.png": ("skipped", "unreadable_image"),
        "zero.gif": ("skipped", "unreadable_image"),
    }
    # The next image is read as ever.
    await yard.put({"next.png": whole})
    later = await yard.begin(prefix="next")
    await darkroom.finish()
    assert (await yard.scan(later)).findings.total == 1


async def test_an_image_over_the_limit_keeps_what_its_exif_says(yard: Yard, darkroom: Darkroom) -> None:
    await yard.put({"a.jpg": with_exif(CARD, "by ann.lee@example.com")})
    scan_id = await yard.begin()
    await yard.finish()
    (envelope,) = await darkroom.asked()
    await darkroom.read(envelope, max_image_bytes=1000)
    await yard.finish()
    scan = await yard.scan(scan_id)
    assert (scan.objects.done, scan.objects.partly) == (1, {"too_large": 1})
    assert scan.findings.by_detector == {"email": 1}


async def test_without_an_engine_an_image_is_not_read_and_is_tried_by_the_next_scan(
    yard: Yard, darkroom: Darkroom, worker_pool: Pool, tmp_path: Path
) -> None:
    await yard.put({"a.png": drawn(CARD)})
    scan_id = await yard.begin()
    await Darkroom(yard, worker_pool, None, tmp_path).finish()
    assert (await yard.scan(scan_id)).objects.skipped == {"text_not_read": 1}
    later = await yard.begin(incremental=True)
    await darkroom.finish()
    assert (await yard.scan(later)).findings.by_detector == {"payment-card": 1}


async def test_cancelled_and_asked_for_again_an_image_is_read(yard: Yard, darkroom: Darkroom) -> None:
    await yard.put({"a.png": drawn(CARD)})
    first = await yard.begin()
    await yard.finish()
    await yard.cancel(first)
    await yard.finish()
    (cancelled,) = await yard.rows("SELECT status FROM job WHERE kind = 'image' AND tenant_id = %s", yard.tenant_id)
    assert ((await yard.scan(first)).status, cancelled["status"]) == ("cancelled", "cancelled")
    stale = await darkroom.asked()
    scan_id = await yard.begin()
    await yard.finish()
    with pytest.raises(JobOver):
        await darkroom.read(stale[0])
    await darkroom.finish()
    assert (await yard.scan(scan_id)).findings.by_detector == {"payment-card": 1}


async def test_a_replaced_image_is_not_read_in_its_stead(yard: Yard, darkroom: Darkroom) -> None:
    await yard.put({"a.png": drawn("before")})
    scan_id = await yard.begin()
    await yard.finish()
    await yard.put({"a.png": drawn(CARD)})
    await darkroom.finish()
    assert await yard.notes(scan_id) == {"a.png": ("skipped", "object_changed")}


async def test_a_message_that_names_another_tenants_image_reads_nothing(
    yard: Yard, darkroom: Darkroom, worker_pool: Pool
) -> None:
    await yard.put({"a.png": drawn(CARD)})
    await yard.begin()
    await yard.finish()
    (envelope,) = await darkroom.asked()
    stranger = new_id()
    async with yard.admin.connection() as db:
        await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [stranger, "a stranger"])
    forged = envelope.message.model_copy(update={"tenant_id": stranger})
    with pytest.raises(Exception, match="job"):
        await darkroom.read(Envelope(envelope.id, envelope.source, envelope.time, envelope.trace, forged))
    async with tenant_transaction(worker_pool, stranger) as db:
        assert await (await db.execute("SELECT FROM image_reading")).fetchall() == []
    with pytest.raises(Exception, match="permission denied"):
        async with tenant_transaction(yard.api, yard.tenant_id) as db:
            await db.execute("SELECT lines FROM image_reading")
