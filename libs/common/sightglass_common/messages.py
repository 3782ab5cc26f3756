"""The messages between services, and the envelope they travel in: CloudEvents 1.0 as JSON."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from sightglass_common.errors import Undecodable
from sightglass_common.ids import new_id
from sightglass_common.tracing import Trace

# How closely a video is looked at: every frame, or its key frames alone.
Tier: TypeAlias = Literal["exact", "preview"]


class Message(BaseModel):
    """What a queue carries. Fields that a reader does not know are ignored, so that a writer may be newer."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    type: ClassVar[str]

    tenant_id: UUID


class JobMessage(Message):
    """A message that carries a job forward: see `job_runner`."""

    job_id: UUID


class AnalyzeVideo(JobMessage):
    """Analyse one video. `analysis_id` names the effect for good: a redelivery carries the same."""

    type: ClassVar[str] = "sightglass.analyze-video.v1"

    analysis_id: UUID
    tier: Tier = "exact"


class AnalyzeRange(JobMessage):
    """Analyse one key-frame range of a long video, or put its ranges together. `job_id` is of this part alone.

    plan: the attempt of the analysis' job that planned the ranges; negative: the whole film is one. number: of the
    range; None: put them together.
    """

    type: ClassVar[str] = "sightglass.analyze-range.v1"

    analysis_id: UUID
    plan: int
    number: int | None = None


class ListPage(JobMessage):
    """List one page of a scan's bucket; of the scan's own job: begin the scan, or look after it."""

    type: ClassVar[str] = "sightglass.list-page.v1"

    scan_id: UUID


class ScanBatch(JobMessage):
    """Read a bounded set of a scan's objects, which its row in scan_part names."""

    type: ClassVar[str] = "sightglass.scan-batch.v1"

    scan_id: UUID


class ScanTexts(JobMessage):
    """Look for sensitive data in the texts that an analysis has read on the screens of a video."""

    type: ClassVar[str] = "sightglass.scan-texts.v1"

    analysis_id: UUID


class ReadImage(JobMessage):
    """Read the text in an image, which the job's row in image_reading names."""

    type: ClassVar[str] = "sightglass.read-image.v1"


class ScanSource(JobMessage):
    """Read the documents of a dataset's source and redact them."""

    type: ClassVar[str] = "sightglass.scan-source.v1"

    source_id: UUID


class ReadDataset(JobMessage):
    """Have all sources of a dataset read anew."""

    type: ClassVar[str] = "sightglass.read-dataset.v1"

    dataset_id: UUID


class SyncPrefix(JobMessage):
    """Bring a dataset in step with the objects below a prefix."""

    type: ClassVar[str] = "sightglass.sync-prefix.v1"

    prefix_id: UUID


class DeleteContent(JobMessage):
    """Remove what there is of a dataset; or what is hidden already of one source, one document or one prefix of it."""

    type: ClassVar[str] = "sightglass.delete-content.v1"

    dataset_id: UUID
    source_id: UUID | None = None
    document_id: UUID | None = None
    prefix_id: UUID | None = None


class IndexContent(JobMessage):
    """Make the redacted documents of a source searchable. Its job is that of the `ScanSource` before."""

    type: ClassVar[str] = "sightglass.index-content.v1"

    source_id: UUID


class AnswerTurn(JobMessage):
    """Answer the question of a turn of a conversation."""

    type: ClassVar[str] = "sightglass.answer-turn.v1"

    turn_id: UUID


class RevealFinding(Message):
    """Read a finding's value anew, for the row of `reveal` that waits for it."""

    type: ClassVar[str] = "sightglass.reveal-finding.v1"

    reveal_id: UUID


class TryProvider(Message):
    """See what works of a provider, for the row of `provider_test` that has this test."""

    type: ClassVar[str] = "sightglass.try-provider.v1"

    test_id: UUID


M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Envelope(Generic[M]):
    """A message with what its delivery needs to know.

    id: the same on every delivery of this message; effects are kept once per id.
    """

    id: UUID
    source: str
    time: datetime
    trace: Trace
    message: M


def wrap(message: M, *, source: str, trace: Trace | None = None) -> Envelope[M]:
    """Put a message into a new envelope; its span is a child of `trace`."""
    return Envelope(new_id(), source, datetime.now(UTC), (trace or Trace.new()).child(), message)


def to_json(envelope: Envelope[M]) -> str:
    """A CloudEvent in JSON, as it stands in a queue."""
    message = envelope.message
    return json.dumps(
        {
            "specversion": "1.0",
            "id": str(envelope.id),
            "source": f"/sightglass/{envelope.source}",
            "type": message.type,
            "time": envelope.time.isoformat(),
            "subject": str(message.tenant_id),
            "traceparent": str(envelope.trace),
            "datacontenttype": "application/json",
            "data": message.model_dump(mode="json"),
        },
        separators=(",", ":"),
    )


def from_json(body: str, expected: type[M]) -> Envelope[M]:
    """Read a CloudEvent that should hold an `expected` message.

    Raises Undecodable, with the reason, for anything else; another major version is something else.
    """
    try:
        event: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Undecodable(f"The body is not JSON: {error}") from error
    if not isinstance(event, dict):
        raise Undecodable("The body is not a JSON object.")
    event = cast("dict[str, Any]", event)
    if event.get("type") != expected.type:
        raise Undecodable(f"The type is {event.get('type')!r}, not {expected.type!r}.")
    try:
        return Envelope(
            id=UUID(str(event["id"])),
            source=str(event["source"]).removeprefix("/sightglass/"),
            time=datetime.fromisoformat(str(event["time"])),
            trace=Trace.parse(str(event.get("traceparent", ""))),
            message=expected.model_validate(event["data"]),
        )
    except (KeyError, ValueError, ValidationError) as error:
        raise Undecodable(f"The envelope is not complete: {_brief(error)}") from error


def _brief(error: Exception) -> str:
    """What is wrong, without the values: they may be a customer's."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors())
    return f"{type(error).__name__}: {error}"
