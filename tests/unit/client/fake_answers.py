"""What the fake API answers when nothing else was put into it."""

from typing import Any

STORE = "http://store.example.com"
AT = "2025-01-02T03:04:05Z"

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
UNREAD = [
    {"key": "a/e.txt", "version": "v", "outcome": "skipped", "reason": "empty", "detail": ""},
    {"key": "a/old.doc", "version": "v", "outcome": "failed", "reason": "timeout", "detail": "after 30 s"},
]
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
