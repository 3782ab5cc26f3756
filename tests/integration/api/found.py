"""What a worker would have found in a video beyond its scenes, as rows."""

import json
from typing import Any

from types_aiobotocore_s3.client import S3Client

from sightglass_common.db import Pool

SECRET = "hunter2@example.com"
MASKED = "•••••••@•••••••.•••"
COVERAGE = {"looks": 12, "read": 9, "capped": 2, "failed": 1, "unread_us": 600_000}
POSES = {"looks": 75, "found": 60, "failed": 1, "reason": "timeout"}
PART = {
    "name": "coverage",
    "raw": 0.5,
    "reference": [0.2, 0.8],
    "weight": 0.4,
    "score": 50.0,
    "from_us": 0,
    "to_us": 2_000_000,
    "samples": 20,
}
SYMMETRY = PART | {"name": "symmetry", "raw": None, "reference": None, "score": None, "from_us": None, "to_us": None}
SCORE: dict[str, Any] = {"version": 1, "total": 50.0, "reason": None, "parts": [PART, SYMMETRY]}
CHUNK_US = 10_000_000

_TEXT = """
    INSERT INTO screen_text SELECT tenant_id, analysis_id, %s, %s, %s, %s, %s, 0.75, %s
    FROM analysis WHERE analysis_id = %s
"""
_TRACK = """
    INSERT INTO track SELECT tenant_id, analysis_id, %s, 'motion', 'moving', %s, %s, 20, %s
    FROM analysis WHERE analysis_id = %s
"""
_ARTIFACT = """
    INSERT INTO artifact SELECT tenant_id, analysis_id, %s, %s, %s, %s, %s, %s, %s
    FROM analysis WHERE analysis_id = %s
"""


async def find_more(
    admin: Pool, ids: dict[str, str], *, texts: int = 3, tracks: int = 3, chunks: int = 3, version: int = 2
) -> None:
    """Write texts, tracks, files, coverage and score of an analysis; the last chunk of the overlay is short."""
    analysis_id = ids["analysis_id"]
    async with admin.connection() as db, db.transaction():
        for number in range(texts):
            start_us, end_us = number * 1000, number * 1000 + 800
            spans = json.dumps([{"start_us": start_us, "end_us": end_us, "box": [0.1, 0.2, 0.3, 0.4]}])
            await db.execute(_TEXT, [number, start_us, end_us, f"{SECRET} {number}", MASKED, spans, analysis_id])
        for number in range(tracks):
            bounds = json.dumps([0.5, 0.25, 0.125, 1.0])
            await db.execute(_TRACK, [number, number * 1000, number * 1000 + 900, bounds, analysis_id])
        for number in range(chunks):
            start_us, end_us = number * CHUNK_US, (number + 1) * CHUNK_US - (number == chunks - 1) * 1000
            name = f"overlay-{number:05}.json"
            values = [name, "overlay", f"made/{analysis_id}/{name}", "application/json", 10, start_us, end_us]
            await db.execute(_ARTIFACT, [*values, analysis_id])
        values = ["overlay.vtt", "overlay_vtt", f"made/{analysis_id}/overlay.vtt", "text/vtt", 10, None, None]
        await db.execute(_ARTIFACT, [*values, analysis_id])
        await db.execute(
            "UPDATE analysis SET analyser_version = %s, partial_reason = 'bad_packets', text_coverage = %s, score = %s,"
            " pose_coverage = %s WHERE analysis_id = %s",
            [version, json.dumps(COVERAGE), json.dumps(SCORE), json.dumps(POSES), analysis_id],
        )


async def put_chunks(s3: S3Client, bucket: str, ids: dict[str, str]) -> None:
    """Put files where the rows of `find_more` say."""
    for name in ("overlay-00000.json", "overlay.vtt"):
        await s3.put_object(Bucket=bucket, Key=f"made/{ids['analysis_id']}/{name}", Body=name.encode())
