"""Looks behind the scene while the system is being broken."""

import os
import sys
from pathlib import Path
from typing import Any

import httpx
from tests.acceptance.flow import job
from tests.running import RunningSystem

SCENES_OF_BIKES = 6


def running(client: httpx.Client, job_id: str, stage: str) -> bool:
    """Whether a job is in the middle of a stage."""
    found = job(client, job_id)
    return found["status"] == "running" and found["stage"] == stage and found["done"] > 0


def effects(system: RunningSystem, job_id: str) -> dict[str, Any]:
    """How often a job's effect stands in the database."""
    with system.database() as db:
        row = db.execute(
            "SELECT a.attempt, (SELECT count(*) FROM analysis b WHERE b.job_id = a.job_id),"
            " (SELECT count(*) FROM scene s WHERE s.analysis_id = a.analysis_id),"
            " (SELECT count(*) FROM processed p WHERE p.message_id = (j.message->>'id')::uuid)"
            " FROM analysis a JOIN job j USING (tenant_id, job_id) WHERE job_id = %s",
            [job_id],
        ).fetchone()
    assert row is not None
    return dict(zip(("attempt", "analyses", "scenes", "processed"), row, strict=True))


def decoders() -> list[int]:
    """Decoding processes of this environment that have lost their parent. Those of other clones are not ours."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue
        ours = words[0] == os.fsencode(sys.executable)
        if ours and b"sightglass_worker.decode.child" in words and parent == "1":
            found.append(int(entry.name))
    return found


def saved(system: RunningSystem, video_id: str) -> bool:
    """Whether LocalStack's objects are on disk; it keeps none itself."""
    with system.database() as db:
        row = db.execute("SELECT object_key FROM video WHERE video_id = %s", [video_id]).fetchone()
    assert row is not None
    index = (system.folder / "dev" / "buckets").rglob("*")
    return any(row[0].encode() in path.read_bytes() for path in index if path.is_file() and "index" in path.name)


def assert_intact(client: httpx.Client, ids: dict[str, Any]) -> None:
    """A finished video is as it was: rows and objects."""
    scenes = client.get(f"/v1/videos/{ids['video_id']}/scenes").json()["items"]
    assert len(scenes) == SCENES_OF_BIKES
    assert httpx.get(scenes[0]["thumbnail"]["url"]).content.startswith(b"\xff\xd8")


def answers(client: httpx.Client) -> bool:
    """Whether the API answers from the database."""
    try:
        return client.get("/v1/whoami").status_code == 200
    except httpx.TransportError:
        return False
