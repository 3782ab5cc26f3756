"""What the API answers of scans and their findings, typed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sightglass_client.answer import Answer
from sightglass_client.models import FINAL_STATUSES, JobError
from sightglass_client.places import place_of

# Of these there is a number, and no list.
_NOT_ASKED_FOR: Final = ("excluded", "not_included", "not_sampled")


class StartedScan(Answer):
    """A scan that was begun, and its job."""

    scan_id: str
    job_id: str


class ScanObjects(Answer):
    """How many objects; `skipped` and `partly` by reason; `unchanged`: known from an earlier scan, so not read.

    handed: being looked at by others.
    """

    listed: int = 0
    done: int = 0
    skipped: Mapping[str, int] = {}
    failed: int = 0
    handed: int = 0
    unchanged: int = 0
    partly: Mapping[str, int] = {}

    @property
    def over(self) -> int:
        """How many nothing is left to be done for."""
        return self.done + self.failed + sum(self.skipped.values())

    @property
    def unread(self) -> int:
        """How many were not read as a whole, and not only as they were not asked for."""
        left_out = sum(self.skipped.get(reason, 0) for reason in _NOT_ASKED_FOR)
        return self.failed + sum(self.skipped.values()) - left_out + sum(self.partly.values())


class ScanFindings(Answer):
    """How many findings."""

    total: int = 0
    by_severity: Mapping[str, int] = {}
    by_detector: Mapping[str, int] = {}


class ScanInventory(Answer):
    """The inventory that tells a scan its objects; `made_at`: when S3 began to look at the bucket."""

    manifest: str | None = None
    made_at: datetime | None = None


class Sample(Answer):
    """A part of the objects, the same for the same seed: a share of them, or so many."""

    share: float | None = None
    objects: int | None = None
    seed: int = 0


class Scan(Answer):
    """A bucket, or what of it has a prefix, that is looked through. `rate`: objects a second.

    include to media: what was asked for.
    """

    scan_id: str
    job_id: str
    bucket: str
    prefix: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    detectors: tuple[str, ...] | None = None
    min_confidence: float | None = None
    max_object_bytes: int | None = None
    incremental: bool = False
    sample: Sample | None = None
    normalise: bool = False
    ocr: bool = False
    media: bool = True
    source: str = "list"
    inventory: ScanInventory | None = None
    status: str
    objects: ScanObjects = ScanObjects()
    bytes: int = 0
    bytes_listed: int = 0
    findings: ScanFindings = ScanFindings()
    rate: float | None = None
    eta_s: float | None = None
    cancel_requested: bool = False
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    error: JobError | None = None

    @property
    def over(self) -> bool:
        """Whether it has reached its final state."""
        return self.status in FINAL_STATUSES


class Finding(Answer):
    """Something sensitive at a place of an object."""

    finding_id: str
    bucket: str
    key: str
    version: str = ""
    detector: str
    severity: str
    confidence: float
    locator: Mapping[str, Any] = {}
    masked: str = ""
    value_hash: str = ""
    detail: str = ""
    state: str = "new"
    note: str = ""
    found_at: datetime

    @property
    def place(self) -> str:
        """Where in the object, in words; which, depends on its format."""
        return place_of(self.locator)


class PrefixScore(Answer):
    """How sensitive what lies below a prefix is, 0..100; `objects` is None where they are not counted."""

    prefix: str
    score: int
    worst: str | None = None
    findings: int = 0
    distinct_values: int = 0
    objects: int | None = None
    objects_with_findings: int = 0


class Scores(Answer):
    """The score of a prefix first, then of the folders below it, the most sensitive first."""

    scan_id: str
    bucket: str
    status: str
    items: tuple[PrefixScore, ...]
    left_out: int = 0


class Detector(Answer):
    """A kind of value that is looked for; `own`: of the tenant's."""

    detector_id: str
    title: str = ""
    family: str
    severity: str
    on: bool = True
    own: bool = False
    definition: Mapping[str, Any] | None = None


class ScheduledScan(Answer):
    """What a schedule scans."""

    bucket: str
    prefix: str = ""


class Schedule(Answer):
    """What is scanned again and again; `next_at` is None while it is paused."""

    schedule_id: str
    cron: str
    timezone: str = "UTC"
    scan: ScheduledScan
    paused: bool = False
    next_at: datetime | None = None
    last_at: datetime | None = None
    last_scan_id: str | None = None
    started: int = 0
    skipped: int = 0
    refused: int = 0
    error_code: str | None = None
    error_detail: str | None = None
    created_at: datetime


class ScanObject(Answer):
    """An object that was not read as a whole, and why."""

    key: str
    version: str = ""
    outcome: str
    reason: str
    detail: str = ""
