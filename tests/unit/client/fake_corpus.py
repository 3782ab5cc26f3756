"""The fake API's datasets, search and conversations."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from tests.unit.client.fake_answers import AT

Answer = Callable[[httpx.Request, str], httpx.Response]
Stream = Callable[[httpx.Request], Iterator[bytes]]

MANUAL = "00000000-0000-7000-8000-0000000000d1"
OTHER = "00000000-0000-7000-8000-0000000000d2"

SEGMENT: dict[str, Any] = {
    "segment_id": "m1-3",
    "dataset_id": MANUAL,
    "document_id": "m1",
    "document_ref": None,
    "title": "travel.md",
    "locator": {"kind": "text", "line": {"from": 3, "to": 9}, "column": 1, "heading": ["Trains", "Refunds"]},
}
SEARCHED: dict[str, Any] = {
    "query": "refund of a train",
    "vectors": True,
    "results": [
        SEGMENT
        | {"score": 0.983, "scores": {"words": 7.5, "vectors": 0.6}, "text": "Refunds are paid\nwithin ten days."},
        SEGMENT
        | {
            "segment_id": "m2-0", "document_id": "m2", "document_ref": "faq-7", "title": "", "score": 0.25,
            "scores": {"words": None, "vectors": 0.3}, "text": "Seats are reserved.", "locator": {"page": 2},
        },
    ],
}  # fmt: skip
VIDEO = {"video_id": "v1", "filename": "clip.mp4", "status": "ready", "segments": 4}
CITATION = SEGMENT | {"n": 1, "snippet": "Refunds are paid within ten days."}
RETRIEVAL = {"results": [SEGMENT | {"score": 0.9}]}
USAGE = {"input_tokens": 0, "output_tokens": 0, "model": "sightglass/extractive"}
TURN: dict[str, Any] = {
    "turn_id": "t1",
    "question": "When are refunds paid?",
    "status": "done",
    "answer": "Refunds are paid within ten days. [1] Ask Ann. [1]",
    "answered": True,
    "generated": False,
    "citations": [CITATION],
    "error": None,
    "created_at": AT,
    "finished_at": AT,
}


def dataset(dataset_id: str = MANUAL, name: str = "manual", **changed: Any) -> dict[str, Any]:
    """A dataset's document."""
    facts = {"description": "", "language": "en", "documents": 2, "segments": 9, "created_at": AT}
    return {"dataset_id": dataset_id, "name": name, **facts, **changed}


def document(document_id: str, source_id: str, **changed: Any) -> dict[str, Any]:
    """A document of a dataset."""
    facts: dict[str, Any] = {
        "dataset_id": MANUAL, "document_ref": None, "title": "travel.md", "metadata": {}, "status": "ready",
        "reason": None, "detail": "", "redactions": 0, "segments": 3, "created_at": AT, "indexed_at": AT,
    }  # fmt: skip
    return {"document_id": document_id, "source_id": source_id, **facts, **changed}


def source(source_id: str, **changed: Any) -> dict[str, Any]:
    """A file of a dataset."""
    facts: dict[str, Any] = {
        "dataset_id": MANUAL, "job_id": "j1", "filename": "travel.md", "content_type": "text/markdown",
        "size_bytes": 9, "state": "done", "documents": 1, "ready": 1, "skipped": 0, "withheld": 0, "created_at": AT,
    }  # fmt: skip
    return {"source_id": source_id, **facts, **changed}


def prefix(prefix_id: str, place: str = "manuals/", **changed: Any) -> dict[str, Any]:
    """A prefix that a dataset is kept in step with."""
    sync = {"job_id": "j1", "status": "done", "listed": 4, "new": 3, "skipped": {}, "removed": 1, "error": None}
    facts: dict[str, Any] = {
        "dataset_id": MANUAL, "bucket": "shelf", "prefix": place, "every_minutes": 60, "next_at": AT, "synced_at": AT,
        "objects": 4, "reading": 0, "failed": 0, "documents": 4, "ready": 4, "skipped": 0, "withheld": 0,
        "created_at": AT,
    }  # fmt: skip
    return {"prefix_id": prefix_id, **facts, **changed, "sync": sync | changed.get("sync", {})}


def sent(number: int, kind: str, content: dict[str, Any]) -> bytes:
    """An event of an answer as the stream sends it."""
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(content)}\n\n".encode()


def answered() -> list[bytes]:
    """The events of TURN."""
    return [
        sent(1, "retrieval", RETRIEVAL),
        sent(2, "delta", {"text": "Refunds are paid within ten days. [1]"}),
        sent(3, "delta", {"text": " Ask Ann. [1]"}),
        sent(4, "citation", CITATION),
        sent(5, "usage", USAGE),
        sent(6, "done", {"answered": True}),
    ]


QUALITY = {"ndcg_at_10": 0.6251, "recall_at_10": 0.75, "p50_ms": 3.4, "p95_ms": 12.5}
EVALUATION: dict[str, Any] = {"questions": 2, "words": QUALITY, "vectors": None, "both": None, "missing": 1}


class FakeCorpus:
    """Two datasets. `streams` are what turns' events answer, one after the other; then they are refused."""

    def __init__(self) -> None:
        self.datasets = {MANUAL: dataset(), OTHER: dataset(OTHER, "other one", language="de")}
        self.documents: list[dict[str, Any]] = []
        self.sources: list[dict[str, Any]] = []
        self.prefixes: list[dict[str, Any]] = []
        self.states: list[dict[str, Any]] = []  # what a prefix is at each question, one after the other
        self.searched = SEARCHED
        self.turn = TURN
        self.streams: list[Stream] = [lambda _: iter(answered())]

    def routes(self) -> list[tuple[str, str, Answer]]:
        return [
            (r"/datasets", "GET", lambda _, __: ok(items=list(self.datasets.values()), next_cursor=None)),
            (r"/datasets", "POST", lambda request, _: ok(**dataset(**json.loads(request.content)))),
            (r"/datasets/([^/]+)", "GET", self._dataset),
            (r"/datasets/([^/]+)", "DELETE", self._delete),
            (r"/datasets/[^/]+/documents", "GET", self._documents),
            (r"/datasets/[^/]+/documents/([^/]+)", "GET", self._document),
            (r"/datasets/[^/]+/videos", "POST", lambda _, __: ok(source_id="s1", job_id="j1")),
            (r"/datasets/[^/]+/videos", "GET", lambda _, __: ok(items=[VIDEO], next_cursor=None)),
            (r"/datasets/[^/]+/videos/(v1)", "DELETE", lambda _, __: httpx.Response(204)),
            (r"/datasets/[^/]+/evaluate", "POST", lambda _, __: ok(**EVALUATION)),
            (r"/datasets/[^/]+/documents/([^/]+)", "DELETE", self._remove),
            (r"/datasets/[^/]+/documents/[^/]+/reindex", "POST", lambda _, __: ok(job_id="j-document")),
            (r"/datasets/[^/]+/reindex", "POST", lambda _, __: ok(job_id="j-dataset")),
            (r"/datasets/[^/]+/sources", "GET", lambda _, __: ok(items=self.sources, next_cursor=None)),
            (r"/datasets/[^/]+/sources/([^/]+)", "DELETE", self._remove_source),
            (
                r"/datasets/[^/]+/prefixes",
                "POST",
                lambda _, __: httpx.Response(202, json={"prefix_id": "p1", "job_id": "j1"}),
            ),
            (r"/datasets/[^/]+/prefixes", "GET", lambda _, __: ok(items=self.prefixes, next_cursor=None)),
            (r"/datasets/[^/]+/prefixes/([^/]+)", "GET", self._prefix),
            (r"/datasets/[^/]+/prefixes/([^/]+)", "DELETE", lambda _, __: httpx.Response(204)),
            (r"/datasets/[^/]+/prefixes/[^/]+/sync", "POST", lambda _, __: httpx.Response(202, json={"job_id": "j1"})),
            (r"/search", "POST", lambda _, __: ok(**self.searched)),
            (r"/conversations", "POST", self._begin),
            (r"/conversations/c1/turns", "POST", self._ask),
            (r"/conversations/c1/turns/t1", "GET", lambda _, __: ok(**self.turn)),
            (r"/conversations/c1/turns/t1/events", "GET", self._events),
        ]

    def _dataset(self, _: httpx.Request, dataset_id: str) -> httpx.Response:
        found = self.datasets.get(dataset_id)
        return ok(**found) if found else missing("dataset_not_found")

    def _delete(self, _: httpx.Request, dataset_id: str) -> httpx.Response:
        return httpx.Response(204) if self.datasets.pop(dataset_id, None) else missing("dataset_not_found")

    def _documents(self, request: httpx.Request, _: str) -> httpx.Response:
        wanted = request.url.params.get("status")
        source = request.url.params.get("source_id")
        found = [
            one for one in self.documents if wanted in {None, one["status"]} and source in {None, one["source_id"]}
        ]
        start, limit = int(request.url.params.get("cursor", 0)), int(request.url.params["limit"])
        more = start + limit < len(found)
        return ok(items=found[start : start + limit], next_cursor=str(start + limit) if more else None)

    def _document(self, _: httpx.Request, document_id: str) -> httpx.Response:
        found = next((one for one in self.documents if one["document_id"] == document_id), None)
        return ok(**found) if found else missing("document_not_found")

    def _remove(self, _: httpx.Request, document_id: str) -> httpx.Response:
        kept = [one for one in self.documents if one["document_id"] != document_id]
        gone, self.documents = len(kept) < len(self.documents), kept
        return httpx.Response(204) if gone else missing("document_not_found")

    def _remove_source(self, _: httpx.Request, source_id: str) -> httpx.Response:
        kept = [one for one in self.sources if one["source_id"] != source_id]
        gone, self.sources = len(kept) < len(self.sources), kept
        return httpx.Response(204) if gone else missing("source_not_found")

    def _prefix(self, _: httpx.Request, prefix_id: str) -> httpx.Response:
        return ok(**prefix(prefix_id, **(self.states.pop(0) if self.states else {})))

    def _begin(self, request: httpx.Request, _: str) -> httpx.Response:
        given = json.loads(request.content)
        facts = {"conversation_id": "c1", "title": "", "dataset_ids": given.get("dataset_ids"), "created_at": AT}
        return httpx.Response(201, json=facts)

    def _ask(self, _: httpx.Request, __: str) -> httpx.Response:
        return httpx.Response(202, json={"turn_id": "t1", "conversation_id": "c1", "job_id": "j1"})

    def _events(self, request: httpx.Request, _: str) -> httpx.Response:
        if not self.streams:
            return httpx.Response(503, json={"status": 503, "code": "dependency_unavailable", "title": "No streams"})
        headers = {"Content-Type": "text/event-stream"}
        return httpx.Response(200, headers=headers, content=self.streams.pop(0)(request))


def ok(**content: Any) -> httpx.Response:
    return httpx.Response(200, json=content)


def missing(code: str) -> httpx.Response:
    return httpx.Response(404, json={"status": 404, "code": code, "title": "There is no such thing", "detail": ""})
