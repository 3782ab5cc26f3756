"""The steps of a user, by plain HTTP."""

from typing import Any

import httpx
from tests.running import until

FINAL = {"done", "partial", "failed", "cancelled"}


def announce(
    client: httpx.Client, body: bytes, name: str = "film.mp4", content_type: str = "video/mp4"
) -> dict[str, Any]:
    """Announce an upload."""
    answer = client.post("/v1/uploads", json={"filename": name, "content_type": content_type, "size_bytes": len(body)})
    assert answer.status_code == 201, answer.text
    return answer.json()


def send(upload: dict[str, Any], body: bytes) -> httpx.Response:
    """Post the bytes to S3 with the form that the API has signed."""
    # S3 speaks plain HTTP here. To make ready to verify it all the same takes 20 ms of the processor, 200 times.
    return httpx.post(upload["url"], data=upload["fields"], files={"file": body}, timeout=60, verify=False)


def submit(client: httpx.Client, body: bytes, name: str = "film.mp4", tier: str | None = None) -> dict[str, Any]:
    """Upload bytes and complete: video, analysis and job ids."""
    upload = announce(client, body, name)
    assert send(upload, body).status_code in {200, 204}
    answer = client.post(f"/v1/uploads/{upload['upload_id']}/complete", json={"tier": tier} if tier else None)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['job_id']}"
    return answer.json()


def job(client: httpx.Client, job_id: str) -> dict[str, Any]:
    """A job as it is now."""
    answer = client.get(f"/v1/jobs/{job_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def finished(client: httpx.Client, job_id: str, *, within_s: float = 60.0) -> dict[str, Any]:
    """Wait until a job is over."""
    until(lambda: job(client, job_id)["status"] in FINAL, f"job {job_id} is over", within_s=within_s, every_s=0.2)
    return job(client, job_id)
