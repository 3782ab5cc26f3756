"""The other side of the client: the HTTP contract and an object store, in memory, with faults on demand."""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.unit.client.fake_answers import (
    ANALYSIS,
    ARTIFACT,
    AT,
    DETECTORS,
    FINDING,
    MESSAGE,
    QUEUE,
    SCAN,
    SCHEDULE,
    SCORE,
    SCORES,
    SCREEN_FINDING,
    STORE,
    SUBMITTED,
    TEXT,
    TRACK,
    UNREAD,
    VIDEO,
)
from tests.unit.client.fake_corpus import FakeCorpus

API = "http://api.example.com"
KEY = "sg_test"

Fault = Callable[[httpx.Request], httpx.Response | None]


@dataclass
class Stored:
    """An upload as the server sees it."""

    body: dict[str, Any]
    method: str
    parts: dict[int, bytes] = field(default_factory=dict[int, bytes])
    form: bytes = b""
    state: str = "pending"
    dataset_id: str = ""


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
        self.corpus = FakeCorpus()
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
            *self.corpus.routes(),
            (r"/datasets/([^/]+)/documents", "POST", self._announce),
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
            (r"/scans/s1/objects", "GET", lambda _, __: ok(items=UNREAD, next_cursor=None)),
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

    def _announce(self, request: httpx.Request, dataset_id: str) -> httpx.Response:
        body = json.loads(request.content)
        upload_id = f"u{len(self.uploads) + 1}"
        method = "post" if body["size_bytes"] <= self.post_limit else "multipart"
        self.uploads[upload_id] = Stored(body, method, dataset_id=dataset_id)
        return httpx.Response(201, json=self._document(upload_id))

    def _upload(self, _: httpx.Request, upload_id: str) -> httpx.Response:
        if upload_id not in self.uploads:
            return problem(404, "upload_not_found", "No such upload")
        return ok(**self._document(upload_id))

    def _complete(self, _: httpx.Request, upload_id: str) -> httpx.Response:
        self.uploads[upload_id].state = "completed"
        return httpx.Response(202, json=self._started(upload_id))

    def _started(self, upload_id: str) -> dict[str, Any]:
        """What an upload has begun; of JSON Lines, no document is known yet."""
        stored = self.uploads[upload_id]
        if not stored.dataset_id:
            return SUBMITTED
        ids = [] if stored.body["filename"].endswith(".jsonl") else [f"d-{upload_id}"]
        return {"source_id": f"s-{upload_id}", "job_id": f"j-{upload_id}", "document_ids": ids}

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
            **(self._started(upload_id) if stored.state == "completed" else {}),
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
