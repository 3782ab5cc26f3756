"""Builders for the API's tests: tenants with keys, objects in S3, and what a worker would have written."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from types_aiobotocore_s3.client import S3Client

from sightglass_api.permissions import Role
from sightglass_api.tenants import administration
from sightglass_common.db import Pool
from sightglass_common.redaction_queries import DETECTORS_VERSION

PROBE = {
    "container": "mp4",
    "codec": "h264",
    "profile": "High",
    "pix_fmt": "yuv420p",
    "bit_depth": 8,
    "width": 640,
    "height": 360,
    "coded_width": 640,
    "coded_height": 360,
    "rotation": 0,
    "sar": "1:1",
    "frame_rate": 25.0,
    "vfr": False,
    "duration_us": 2_000_000,
    "frames": 50,
    "start_offset_us": 0,
    "audio_streams": [{"codec": "aac", "channels": 2, "sample_rate": 48000}],
    "size_bytes": 1234,
}


@dataclass(frozen=True)
class Person:
    """A tenant's key, and a client that carries it."""

    tenant_id: UUID
    key: str
    key_id: str
    http: httpx.AsyncClient

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.get(path, **more)

    async def post(self, path: str, body: object = None, **more: Any) -> httpx.Response:
        content = json.dumps(body if body is not None else {})  # in ASCII: also what is no valid Unicode
        return await self.http.post(path, content=content, headers={"Content-Type": "application/json"}, **more)


def client_for(transport: httpx.AsyncBaseTransport, key: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=transport, base_url="http://test.example.com", headers=headers, timeout=30)


async def a_tenant(pool: Pool, transport: httpx.AsyncBaseTransport, role: Role = Role.TENANT_ADMIN) -> Person:
    tenant_id, key = await administration.create_tenant(pool, f"tenant-{uuid4().hex[:12]}", role)
    return Person(tenant_id, str(key), key.key_id, client_for(transport, str(key)))


async def a_colleague(pool: Pool, transport: httpx.AsyncBaseTransport, of: Person, role: Role) -> Person:
    key = await administration.create_key(pool, of.tenant_id, name="test", role=role)
    return Person(of.tenant_id, str(key), key.key_id, client_for(transport, str(key)))


async def send_form(announced: dict[str, Any], body: bytes, **changed: str) -> httpx.Response:
    """Send an object to S3 as the answer to its announcement says."""
    async with httpx.AsyncClient() as s3:
        return await s3.post(announced["url"], data=announced["fields"] | changed, files={"file": ("x", body)})


async def an_upload(person: Person, body: bytes = b"video", **changed: object) -> dict[str, Any]:
    """Announced and sent, not completed."""
    new = {"filename": "a.mp4", "content_type": "video/mp4", "size_bytes": len(body)} | changed
    announced = await person.post("/v1/uploads", new)
    assert announced.status_code == 201, announced.text
    sent = await send_form(announced.json(), body)
    assert sent.status_code == 204, sent.text
    return announced.json()


async def a_video(person: Person, body: bytes = b"video", **changed: object) -> dict[str, str]:
    """Uploaded and completed: its job is queued."""
    upload = await an_upload(person, body, **changed)
    done = await person.post(f"/v1/uploads/{upload['upload_id']}/complete")
    assert done.status_code == 202, done.text
    return done.json() | {"upload_id": upload["upload_id"]}


async def a_scan(person: Person, admin: Pool, bucket: str = "scanned-bucket", **wanted: object) -> dict[str, str]:
    """A queued scan of a bucket that is linked for it."""
    async with admin.connection() as db:
        await db.execute(
            "INSERT INTO bucket_link (tenant_id, bucket) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [person.tenant_id, bucket],
        )
    started = await person.post("/v1/scans", {"bucket": bucket} | wanted)
    assert started.status_code == 202, started.text
    return started.json()


async def a_finding(admin: Pool, scan_id: str, **changed: object) -> str:
    """Something that a scan has found, as the scanner would have written it."""
    row: dict[str, object] = {
        "bucket": "scanned-bucket", "object_key": "a/b.txt", "version": "v", "detector": "us-ssn", "severity": "high",
        "confidence": 0.9, "locator": json.dumps({"kind": "text", "line": 1}), "masked": "***-**-4399",
    }  # fmt: skip
    finding_id = str(uuid4())
    async with admin.connection() as db, db.transaction():
        await db.execute(
            "INSERT INTO finding (tenant_id, finding_id, bucket, object_key, version, detector, severity, confidence,"
            " locator, masked, value_hash) SELECT tenant_id, %(finding_id)s, %(bucket)s, %(object_key)s, %(version)s,"
            " %(detector)s, %(severity)s, %(confidence)s, %(locator)s, %(masked)s, decode(repeat('00', 32), 'hex')"
            " FROM scan WHERE scan_id = %(scan_id)s",
            row | changed | {"finding_id": finding_id, "scan_id": scan_id},
        )
        await db.execute(
            "INSERT INTO scan_finding SELECT tenant_id, scan_id, %s FROM scan WHERE scan_id = %s",
            [finding_id, scan_id],
        )
    return finding_id


async def a_segment(admin: Pool, document_id: str, text: str = "The red valve is in hall 3.") -> str:
    """The first segment of a document, as chat would have written it, shown by the rules of today."""
    async with admin.connection() as db, db.transaction():
        await db.execute(
            "UPDATE document d SET status = 'ready', served = 0, served_rules = %s || '.' || coalesce("
            "(SELECT generation FROM detection_setting s WHERE s.tenant_id = d.tenant_id), 0) WHERE document_id = %s",
            [DETECTORS_VERSION, document_id],
        )
        await db.execute(
            "INSERT INTO segment (tenant_id, dataset_id, number, document_id, ordinal, text, locator, words, word_keys)"
            ' SELECT tenant_id, dataset_id, 0, document_id, 0, %s, \'{"kind": "text", "line": 1}\', 0, \'{}\''
            " FROM document WHERE document_id = %s ON CONFLICT DO NOTHING",
            [text, document_id],
        )
    return f"{document_id}-0"


async def finish(admin: Pool, s3: S3Client, bucket: str, ids: dict[str, str], *, scenes: int = 3) -> None:
    """Write what a worker would have: the analysis' result, its scenes with thumbnails, and the job's end."""
    prefix = f"analyses/{ids['analysis_id']}"
    async with admin.connection() as db, db.transaction():
        await db.execute(
            "UPDATE analysis SET attempt = 1, probe = %s, duration_us = 2000000, frames = 50, bad_packets = 0,"
            " partial = false, sprite_key = %s, storyboard_key = %s WHERE analysis_id = %s",
            [json.dumps(PROBE), f"{prefix}/sprite.jpg", f"{prefix}/sprite.vtt", ids["analysis_id"]],
        )
        for number in range(scenes):
            await db.execute(
                "INSERT INTO scene SELECT tenant_id, analysis_id, %s, %s, %s, %s, %s, %s, 0.9, %s, %s"
                " FROM analysis WHERE analysis_id = %s",
                [
                    number,
                    number * 1000,
                    (number + 1) * 1000,
                    number * 10,
                    number * 10 + 9,
                    "cut" if number else "start",
                    number * 1000 + 500,
                    f"{prefix}/{number}.jpg",
                    ids["analysis_id"],
                ],
            )
        await change_job(admin, ids["job_id"], "status = 'done', started_at = now(), finished_at = now()")
    for name in ("0.jpg", "sprite.jpg", "sprite.vtt"):
        await s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=b"0123456789")


async def change_job(admin: Pool, job_id: str, change: str) -> None:
    """Change a job's row as its worker would."""
    async with admin.connection() as db:
        await db.execute(f"UPDATE job SET {change}, revision = revision + 1 WHERE job_id = %s", [job_id])  # pyright: ignore[reportArgumentType] - the tests' own strings


async def count(admin: Pool, table: str, tenant_id: UUID) -> int:
    async with admin.connection() as db:
        row = await (await db.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", [tenant_id])).fetchone()  # pyright: ignore[reportArgumentType] - the tests' own strings
    assert row
    return int(row[0])
