"""The other side of the client: the HTTP contract and an object store, in memory, with faults on demand."""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

API = "http://api.example.com"
STORE = "http://store.example.com"
KEY = "sg_test"
AT = "2025-01-02T03:04:05Z"

Fault = Callable[[httpx.Request], httpx.Response | None]


@dataclass
class Stored:
    """An upload as the server sees it."""

    body: dict[str, Any]
    method: str
    parts: dict[int, bytes] = field(default_factory=dict[int, bytes])
    form: bytes = b""
    state: str = "pending"


class FakeApi:
    """`handler` answers requests; `fault(pattern, ...)` spoils the next ones whose "METHOD path" matches."""

    def __init__(self, *, part_bytes: int = 1000, post_limit: int = 2000) -> None:
        self.part_bytes, self.post_limit = part_bytes, post_limit
        self.seen: list[httpx.Request] = []
        self.uploads: dict[str, Stored] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.streams: dict[str, list[Callable[[httpx.Request], Iterator[bytes]]]] = defaultdict(list)
        self.videos: dict[str, dict[str, Any]] = {"v1": VIDEO}
        self.analyses: dict[str, dict[str, Any]] = {}
        self.scores: dict[str, dict[str, Any]] = {}
        self.labels: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.reruns: list[dict[str, Any]] = []
        self.tier = "exact"
        self.scans: list[dict[str, Any]] = []
        self.cut = False
        self.redrives: list[dict[str, Any]] = []
        self.generation = 0  # of links: those of an older one have expired
        self.api, self.store = API, STORE
        self._faults: list[tuple[re.Pattern[str], Fault]] = []
        self._lock = threading.Lock()

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.handler)

    def fault(self, pattern: str, *faults: Fault) -> None:
        self._faults += [(re.compile(pattern), fault) for fault in faults]

    def calls(self, pattern: str) -> list[httpx.Request]:
        return [request for request in self.seen if re.search(pattern, _name(request))]

    def a_job(self, job_id: str = "j1", **changes: Any) -> dict[str, Any]:
        self.jobs[job_id] = job(job_id, **changes)
        return self.jobs[job_id]

    def handler(self, request: httpx.Request) -> httpx.Response:
        request.read()
        with self._lock:
            self.seen.append(request)
            for entry in self._faults:
                if entry[0].search(_name(request)):
                    self._faults.remove(entry)
                    if (answer := entry[1](request)) is not None:
                        return answer
                    break
            if str(request.url).startswith(self.store) and "/store/" in request.url.path:
                return self._store(request)
            if request.headers.get("Authorization") != f"Bearer {KEY}":
                return problem(401, "unauthenticated", "No valid API key was given")
            return self._api(request)

    def _api(self, request: httpx.Request) -> httpx.Response:
        method, path = request.method, request.url.path.removeprefix("/v1")
        for pattern, verb, answer in self._routes():
            if verb == method and (found := re.fullmatch(pattern, path)):
                return answer(request, found[1] if found.lastindex else "")
        return problem(404, "route_not_found", "There is no such address")

    def _routes(self) -> list[tuple[str, str, Callable[[httpx.Request, str], httpx.Response]]]:
        return [
            (
                r"/whoami",
                "GET",
                lambda _, __: ok(tenant_id="t1", tenant_name="acme", role="platform_admin", key_id="k1"),
            ),
            (
                r"/health",
                "GET",
                lambda _, __: ok(status="ok", version="0.1.0", checks={"postgres": {"ok": True, "latency_ms": 1.5}}),
            ),
            (r"/buckets", "GET", lambda _, __: ok(items=[{"bucket": "films", "linked_at": AT}])),
            (r"/uploads", "POST", self._announce),
            (r"/uploads/([^/]+)", "GET", self._upload),
            (r"/uploads/([^/]+)/complete", "POST", self._complete),
            (r"/analyses", "POST", lambda _, __: httpx.Response(202, json=SUBMITTED)),
            (r"/scans", "POST", self._start_scan),
            (r"/scans", "GET", lambda _, __: ok(items=[SCAN], next_cursor=None)),
            (r"/scans/s1", "GET", lambda _, __: ok(**SCAN)),
            (r"/scans/s1/cancel", "POST", lambda _, __: ok(**SCAN | {"status": "cancelled"})),
            (r"/scans/s1/findings/export", "GET", self._export),
            (r"/scans/s1/scores", "GET", lambda _, __: ok(**SCORES)),
            (r"/scans/s1/findings", "GET", lambda _, __: ok(items=[FINDING], next_cursor=None)),
            (r"/detectors", "GET", lambda _, __: ok(items=DETECTORS)),
            (r"/detectors", "POST", lambda request, _: ok(**DETECTORS[0] | json.loads(request.content))),
            (r"/detectors/badge", "DELETE", lambda _, __: httpx.Response(204)),
            (r"/schedules", "POST", lambda request, _: ok(**SCHEDULE | json.loads(request.content))),
            (r"/schedules", "GET", lambda _, __: ok(items=[SCHEDULE], next_cursor=None)),
            (r"/schedules/c1", "PATCH", lambda request, _: ok(**SCHEDULE | json.loads(request.content))),
            (r"/schedules/c1", "DELETE", lambda _, __: httpx.Response(204)),
            (r"/jobs", "GET", self._jobs),
            (r"/jobs/([^/]+)", "GET", lambda _, id_: self._job(id_)),
            (r"/jobs/([^/]+)/(?:cancel|retry)", "POST", lambda _, id_: self._job(id_)),
            (r"/jobs/([^/]+)/events", "GET", self._events),
            (r"/analyses/([^/]+)", "GET", lambda _, id_: ok(**self.analyses.get(id_, ANALYSIS))),
            (r"/videos", "GET", lambda _, __: ok(items=list(self.videos.values()), next_cursor=None)),
            (r"/videos/([^/]+)", "GET", self._video),
            (r"/videos/([^/]+)/analyses", "POST", self._rerun),
            (r"/videos/v1/scenes", "GET", self._scenes),
            (
                r"/videos/v1/findings",
                "GET",
                lambda _, __: ok(analysis_id="a1", items=[SCREEN_FINDING], next_cursor=None, scanned_at=AT),
            ),
            (r"/videos/v1/texts", "GET", lambda _, __: ok(analysis_id="a1", items=[TEXT], next_cursor=None)),
            (r"/videos/v1/tracks", "GET", lambda _, __: ok(analysis_id="a1", items=[TRACK], next_cursor=None)),
            (r"/videos/v1/artifacts", "GET", lambda _, __: ok(analysis_id="a1", items=[ARTIFACT], next_cursor=None)),
            (r"/videos/v1/overlay", "GET", self._overlay),
            (r"/videos/([^/]+)/score", "GET", lambda _, id_: ok(**self.scores.get(id_, SCORE))),
            (r"/admin/queues", "GET", lambda _, __: ok(items=[QUEUE])),
            (
                r"/admin/queues/([^/]+)/messages",
                "GET",
                lambda _, name: ok(items=[MESSAGE] if name.endswith("-dlq") else []),
            ),
            (r"/admin/queues/([^/]+)/redrive", "POST", self._redrive),
        ]

    def _announce(self, request: httpx.Request, _: str) -> httpx.Response:
        body = json.loads(request.content)
        upload_id = f"u{len(self.uploads) + 1}"
        method = "post" if body["size_bytes"] <= self.post_limit else "multipart"
        self.uploads[upload_id] = Stored(body, method)
        return httpx.Response(201, json=self._document(upload_id))

    def _upload(self, _: httpx.Request, upload_id: str) -> httpx.Response:
        if upload_id not in self.uploads:
            return problem(404, "upload_not_found", "No such upload")
        return ok(**self._document(upload_id))

    def _complete(self, _: httpx.Request, upload_id: str) -> httpx.Response:
        self.uploads[upload_id].state = "completed"
        return httpx.Response(202, json=SUBMITTED)

    def _document(self, upload_id: str) -> dict[str, Any]:
        stored = self.uploads[upload_id]
        size = stored.body["size_bytes"]
        offsets = range(0, size, self.part_bytes) if stored.method == "multipart" else []
        parts = [
            {
                "number": number,
                "url": f"{self.store}/store/{upload_id}/{number}?g={self.generation}",
                "offset_bytes": offset,
                "size_bytes": min(self.part_bytes, size - offset),
            }
            for number, offset in enumerate(offsets, start=1)
        ]
        received = [{"number": n, "etag": "e", "size_bytes": len(data)} for n, data in stored.parts.items()]
        return {
            "upload_id": upload_id,
            "method": stored.method,
            "url": f"{self.store}/store/{upload_id}?g={self.generation}" if stored.method == "post" else None,
            "fields": {"key": "the/key", "policy": "signed"} if stored.method == "post" else {},
            "parts": parts,
            "part_bytes": self.part_bytes,
            "expires_at": AT,
            "state": stored.state,
            "received": received,
            "added_later": "ignored",
            **(SUBMITTED if stored.state == "completed" else {}),
        }

    def _store(self, request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers, "the object store must not see the key"
        if request.url.params["g"] != str(self.generation):
            return httpx.Response(
                403, text="<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
            )
        _, _, upload_id, *number = request.url.path.split("/")
        if number:
            assert int(request.headers["Content-Length"]) == len(request.content)
            self.uploads[upload_id].parts[int(number[0])] = request.content
        else:
            self.uploads[upload_id].form = request.content
        return httpx.Response(204)

    def _jobs(self, request: httpx.Request, _: str) -> httpx.Response:
        wanted = request.url.params.get("status")
        jobs = [found for found in self.jobs.values() if wanted in {None, found["status"]}]
        start, limit = int(request.url.params.get("cursor", 0)), int(request.url.params["limit"])
        more = start + limit < len(jobs)
        return ok(items=jobs[start : start + limit], next_cursor=str(start + limit) if more else None)

    def _job(self, job_id: str) -> httpx.Response:
        if job_id not in self.jobs:
            return problem(404, "job_not_found", "No such job")
        return ok(**self.jobs[job_id])

    def _events(self, request: httpx.Request, job_id: str) -> httpx.Response:
        if not self.streams[job_id]:
            return problem(503, "dependency_unavailable", "No streams now")
        stream = self.streams[job_id].pop(0)(request)
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=stream)

    def _scenes(self, request: httpx.Request, _: str) -> httpx.Response:
        number = int(request.url.params.get("cursor", 1))
        scene: dict[str, Any] = {
            "number": number,
            "start_us": (number - 1) * 7_480_000,
            "end_us": number * 7_480_000,
            "boundary": {"kind": "cut", "score": 0.95},
            "motion": {"kind": "both", "mean": 0.125, "p95": 0.5},
            "labels": self.labels[number],
        }
        made = {"analysis_id": "a1", "tier": self.tier, "status": "done"}
        return ok(**made, items=[scene], next_cursor="2" if number == 1 else None)

    def _video(self, _: httpx.Request, video_id: str) -> httpx.Response:
        if video_id not in self.videos:
            return problem(404, "video_not_found", "No such video")
        return ok(**self.videos[video_id])

    def _rerun(self, request: httpx.Request, video_id: str) -> httpx.Response:
        if video_id not in self.videos:
            return problem(404, "video_not_found", "No such video")
        self.reruns.append({"video_id": video_id, **json.loads(request.content)})
        return httpx.Response(202, json={**SUBMITTED, "video_id": video_id})

    def _overlay(self, request: httpx.Request, _: str) -> httpx.Response:
        start_us = int(request.url.params["from_us"])
        chunk = {"start_us": start_us, "end_us": start_us + 1, "url": f"{self.store}/store/o", "expires_at": AT}
        return ok(analysis_id="a1", chunk_us=1, chunks=[chunk], next_us=None, webvtt=None)

    def _export(self, request: httpx.Request, _: str) -> httpx.Response:
        def pieces() -> Iterator[bytes]:
            yield request.url.params["format"].encode()
            yield b" whole\n"
            if self.cut:
                raise httpx.RemoteProtocolError("incomplete chunked read")

        return httpx.Response(200, content=pieces())

    def _start_scan(self, request: httpx.Request, _: str) -> httpx.Response:
        self.scans.append(json.loads(request.content))
        return httpx.Response(202, json={"scan_id": "s1", "job_id": "j1"})

    def _redrive(self, request: httpx.Request, name: str) -> httpx.Response:
        self.redrives.append({"name": name, **json.loads(request.content)})
        return ok(redriven=2, jobs_retried=1)


SUBMITTED = {"video_id": "v1", "analysis_id": "a1", "job_id": "j1"}
VIDEO = {
    "video_id": "v1",
    "filename": "a\x1b[31m.mp4",
    "content_type": "video/mp4",
    "size_bytes": 1_234_567,
    "bucket": "films",
    "key": "t1/a.mp4",
    "created_at": AT,
    "latest": None,
}
ANALYSIS = {
    "analysis_id": "a1",
    "video_id": "v1",
    "job_id": "j1",
    "status": "done",
    "tier": "exact",
    "created_at": AT,
    "analyser_version": 2,
    "duration_us": 14_960_000,
    "partial_reason": None,
    "scene_count": 2,
    "text_count": 1,
    "track_count": 1,
    "text_coverage": {"looks": 12, "read": 9, "capped": 2, "failed": 1, "unread_us": 600_000},
    "pose_coverage": {"looks": 75, "found": 60, "failed": 3, "reason": "timeout"},
}
SCREEN_FINDING = {
    "finding_id": "f1",
    "detector": "payment-card",
    "severity": "high",
    "confidence": 0.98,
    "masked": "**** **** **** 1486",
    "value_hash": "00",
    "state": "new",
    "note": "",
    "start_us": 1_000_000,
    "end_us": 9_000_000,
    "spans": [
        {"start_us": 1_000_000, "end_us": 1_500_000, "box": [0.1, 0.2, 0.3, 0.05]},
        {"start_us": 1_500_000, "end_us": 2_000_000, "box": [0.1, 0.1, 0.3, 0.05]},
        {"start_us": 8_000_000, "end_us": 9_000_000, "box": [0.1, 0.2, 0.3, 0.05]},
    ],
}
TEXT = {
    "number": 0,
    "start_us": 1_000_000,
    "end_us": 9_000_000,
    "text": "•••• ••",
    "masked": True,
    "confidence": 0.875,
    "spans": [
        {"start_us": 1_000_000, "end_us": 2_000_000, "box": [0.1, 0.2, 0.3, 0.05]},
        {"start_us": 8_000_000, "end_us": 9_000_000, "box": [0.1, 0.6, 0.3, 0.05]},
    ],
}
TRACK = {
    "number": 0,
    "method": "motion",
    "label": "moving",
    "start_us": 7_480_000,
    "end_us": 14_960_000,
    "samples": 75,
    "bounds": [0.0, 0.0, 0.5, 1.0],
}
SCORE = {
    "analysis_id": "a1",
    "version": 1,
    "total": 62.5,
    "reason": None,
    "parts": [
        {
            "name": "tempo",
            "raw": 0.031,
            "reference": [0.01, 0.5],
            "weight": 0.25,
            "score": 62.5,
            "from_us": 0,
            "to_us": 14_960_000,
            "samples": 75,
        },
        {
            "name": "symmetry",
            "raw": None,
            "reference": None,
            "weight": 0.25,
            "score": None,
            "from_us": 0,
            "to_us": 0,
            "samples": 0,
        },
    ],
}
ARTIFACT = {"name": "sprite.jpg", "kind": "sprite", "url": f"{STORE}/store/s", "expires_at": AT}
DETECTORS: list[dict[str, Any]] = [
    {"detector_id": "badge", "title": "badge", "family": "custom", "severity": "high", "on": True, "own": True},
    {"detector_id": "us-ssn", "title": "SSN", "family": "national", "severity": "high", "on": False, "own": False},
]
SCHEDULE: dict[str, Any] = {
    "schedule_id": "c1",
    "cron": "30 3 * * *",
    "timezone": "UTC",
    "scan": {"bucket": "lake", "prefix": "a/"},
    "next_at": None,
    "last_at": AT,
    "last_scan_id": "s1",
    "started": 4,
    "skipped": 1,
    "error_code": "bucket_not_linked",
    "error_detail": "It is not linked.",
    "created_at": AT,
}
SCORES: dict[str, Any] = {
    "scan_id": "s1",
    "bucket": "lake",
    "status": "partial",
    "items": [
        {"prefix": "a/", "score": 81, "worst": "high", "findings": 3, "distinct_values": 2, "objects": 9,
         "objects_with_findings": 1},
        {"prefix": "a/x/", "score": 77, "worst": "high", "findings": 3, "distinct_values": 2, "objects": None,
         "objects_with_findings": 1},
    ],
    "left_out": 4,
}  # fmt: skip
SCAN: dict[str, Any] = {
    "scan_id": "s1",
    "job_id": "j1",
    "bucket": "lake",
    "prefix": "a/",
    "status": "partial",
    "objects": {"listed": 9, "done": 5, "skipped": {"empty": 2, "denied": 1}, "failed": 1, "partly": {}},
    "bytes": 2048,
    "bytes_listed": 4096,
    "findings": {"total": 3, "by_severity": {"high": 3}, "by_detector": {"us-ssn": 3}},
    "rate": 4.5,
    "eta_s": None,
    "cancel_requested": False,
    "created_at": AT,
    "started_at": AT,
    "finished_at": AT,
    "error": None,
}
FINDING = {
    "finding_id": "f1",
    "bucket": "lake",
    "key": "a/t.csv",
    "version": "v",
    "detector": "us-ssn",
    "severity": "high",
    "confidence": 0.95,
    "locator": {"kind": "cell", "row": 2, "cell": "B2", "line": 2, "column": 3},
    "masked": "***-**-4399",
    "value_hash": "00",
    "detail": "account 123456789012",
    "state": "new",
    "note": "",
    "found_at": AT,
}
QUEUE = {"name": "video-analyses", "visible": 1, "in_flight": 0, "delayed": 0, "dead_letters": 2}
MESSAGE = {
    "id": "m1",
    "type": "t",
    "tenant_id": "t1",
    "job_id": "j1",
    "reason": "crash",
    "received_count": 3,
    "sent_at": AT,
    "body": {},
}


def job(job_id: str = "j1", **changes: Any) -> dict[str, Any]:
    """A job's document."""
    base = {"job_id": job_id, "kind": "analysis", "status": "running", "attempt": 1, "created_at": AT, "revision": 1}
    return {**base, "video_id": "v1", "analysis_id": "a1", **changes}


def event(document: dict[str, Any]) -> bytes:
    """A job as the stream sends it."""
    return f"id: {document['revision']}\nevent: job\ndata: {json.dumps(document)}\n\n".encode()


def ok(**content: Any) -> httpx.Response:
    return httpx.Response(200, json=content)


def problem(status: int, code: str, title: str, **more: Any) -> httpx.Response:
    headers = {"Content-Type": "application/problem+json", **more.pop("headers", {})}
    content = {"status": status, "code": code, "title": title, "detail": "", "request_id": "r1", **more}
    return httpx.Response(status, headers=headers, json=content)


def cut(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("cut", request=request)


def _name(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"
