"""Scans and findings as clients ask for them and see them."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from sightglass_api.analyses.schemas import BUCKET, is_key, is_storable
from sightglass_api.jobs.schemas import JobError
from sightglass_api.routing import Asked

Severity: TypeAlias = Literal["low", "medium", "high", "critical"]
State: TypeAlias = Literal["new", "reviewed", "false_positive"]
ScanStatus: TypeAlias = Literal["listing", "running", "done", "partial", "failed", "cancelled"]
Source: TypeAlias = Literal["list", "inventory"]
Outcome: TypeAlias = Literal["skipped", "failed", "partly"]

_MAX_KEY: Final = 1024  # S3's own limit, in bytes
_MAX_OBJECT_BYTES: Final = 5 * 1024**4  # S3's own
_MOST_SAMPLED: Final = 10_000  # a row for each while the bucket is listed, by way of which each page goes
_MANIFEST: Final = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.*[^/]$"
_Pattern = Annotated[str, AfterValidator(is_key), Field(min_length=1, max_length=_MAX_KEY)]
_Detector = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")]


class Sample(Asked):
    """A part of the objects, the same for the same seed: a share of them, or so many.

    The place of a key is in [0, 1): the first 8 bytes of the SHA-256 of the seed (in decimal), a zero byte and the key.
    A share takes the keys whose places are below it. A number takes those with the lowest places of all that can be
    read; what is read begins when all is listed.
    """

    share: float | None = Field(default=None, gt=0, le=1)
    objects: int | None = Field(
        default=None, ge=1, le=_MOST_SAMPLED, description="Exactly so many, or all if there are fewer."
    )
    seed: int = Field(default=0, ge=0, le=2**63 - 1)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.share is None) == (self.objects is None):
            raise ValueError("a sample is a `share`, or a number of `objects`")
        return self


class NewScan(Asked):
    """A bucket to scan, which is linked to the tenant, or what of it has a prefix."""

    bucket: str = Field(pattern=BUCKET)
    prefix: Annotated[str, AfterValidator(is_key)] = Field(default="", max_length=_MAX_KEY)
    include: list[_Pattern] = Field(
        default=[], max_length=100, description="Shell patterns of whole keys: `*` is any text. Empty: all."
    )
    exclude: list[_Pattern] = Field(default=[], max_length=100, description="Patterns of keys to leave out.")
    detectors: list[_Detector] | None = Field(
        default=None, min_length=1, max_length=200, description="Ids or families; default: all but the noisy ones."
    )
    min_confidence: float = Field(default=0.5, ge=0, le=1)
    max_object_bytes: int = Field(
        default=1024**3, ge=1, le=_MAX_OBJECT_BYTES, description="Larger objects are skipped."
    )

    incremental: bool = Field(
        default=False,
        description="Objects that are as an earlier scan has seen them in the same way are not read again; what was "
        "found in them counts.",
    )
    sample: Sample | None = Field(default=None, description="Only a part of the objects; the others are `not_sampled`.")
    normalise: bool = Field(
        default=False, description="Find what look-alikes, separators or one layer of encoding hide as well. Slower."
    )
    ocr: bool = Field(default=False, description="The texts were read by a machine: letters may be digits.")
    media: bool = Field(default=True, description="Whether videos and images are read for the text that they show.")
    source: Source = Field(
        default="list", description="Where the objects are told from: the bucket's listing, or an S3 inventory of it."
    )
    inventory: Annotated[str, AfterValidator(is_key)] | None = Field(
        default=None,
        pattern=_MANIFEST,
        max_length=_MAX_KEY + 100,
        description="The inventory's manifest, as `s3://BUCKET/KEY/manifest.json`. Without one: the newest that the "
        "bucket's own inventory configurations have brought.",
    )

    @model_validator(mode="after")
    def _inventory_of_an_inventory(self) -> Self:
        if self.inventory is not None and self.source != "inventory":
            raise ValueError("an inventory is named, and the source is not `inventory`")
        return self


class StartedScan(BaseModel):
    """What was begun."""

    scan_id: UUID
    job_id: UUID


class ScanObjects(BaseModel):
    """How many objects. In the end `listed` is the sum of `done`, `skipped` and `failed`."""

    listed: int
    done: int
    skipped: dict[str, int] = Field(description="Not read, by reason.")
    failed: int
    handed: int = Field(description="Videos and images that are being read; then they are among the above.")
    unchanged: int = Field(description="Among those done or skipped: as an earlier scan had seen them, so not read.")
    partly: dict[str, int] = Field(description="Among those done: read, but not all that is in them; by reason.")


class ScanFindings(BaseModel):
    """How many findings."""

    total: int
    by_severity: dict[str, int]
    by_detector: dict[str, int]


class ScanInventory(BaseModel):
    """The inventory that tells a scan its objects: what has changed since it was made, it does not know."""

    manifest: str | None = Field(description="null until it is found.")
    made_at: datetime | None = Field(description="When S3 began to look at the bucket.")


class Scan(BaseModel):
    """How far a scan is, exactly: its counters change with what they count."""

    scan_id: UUID
    job_id: UUID
    bucket: str
    prefix: str
    include: list[str]
    exclude: list[str]
    detectors: list[str] | None
    min_confidence: float
    max_object_bytes: int
    incremental: bool
    sample: Sample | None
    normalise: bool
    ocr: bool
    media: bool
    source: Source
    inventory: ScanInventory | None = Field(description="null when the source is the bucket's listing.")
    status: ScanStatus
    objects: ScanObjects
    bytes: int = Field(description="Of the objects done.")
    bytes_listed: int
    findings: ScanFindings
    rate: float | None = Field(description="Objects a second, those skipped too; null before it began.")
    eta_s: float | None = Field(description="Seconds that are left at this rate; null while it is listing.")
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: JobError | None


class ScanObject(BaseModel):
    """An object that was not read as a whole."""

    key: str
    version: str = Field(description="Version id, or the ETag in a bucket without versions.")
    outcome: Outcome
    reason: str
    detail: str


class PrefixScore(BaseModel):
    """How sensitive what lies below a prefix is: docs/scans.md says how it is made."""

    prefix: str = Field(description="Of a folder, with its slash.")
    score: int = Field(ge=0, le=100)
    worst: Severity | None = Field(description="The highest severity found; null without findings.")
    findings: int = Field(description="Without those that a person calls a false positive.")
    distinct_values: int
    objects: int | None = Field(description="Listed to be read; null where folders are too deep or too many to count.")
    objects_with_findings: int


class Scores(BaseModel):
    """The score of a prefix, and of the folders below it. Final when the scan's status is."""

    scan_id: UUID
    bucket: str
    status: ScanStatus
    items: list[PrefixScore] = Field(description="The prefix first, then its folders, the most sensitive first.")
    left_out: int = Field(description="Folders with findings beyond `limit`.")


class Finding(BaseModel):
    """Something sensitive at a place of an object. The value itself is kept nowhere."""

    finding_id: UUID
    bucket: str
    key: str
    version: str = Field(description="Version id, or the ETag in a bucket without versions.")
    detector: str
    severity: Severity
    confidence: float
    locator: dict[str, Any] = Field(description="The place: of text line and column, of a table row and field, ...")
    masked: str
    value_hash: str = Field(description="Keyed, in hex: the same value of this tenant has the same.")
    detail: str = Field(description="What was decoded of it: the account of an AWS key id. Empty for most.")
    state: State
    note: str
    found_at: datetime


class FindingChange(Asked):
    """What a person says of a finding; what is left out stays."""

    state: State | None = None
    note: Annotated[str, Field(max_length=1000), AfterValidator(is_storable)] | None = None
