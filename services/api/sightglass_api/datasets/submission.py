"""Begins the indexing of documents: source, job and message in one transaction."""

from typing import Final
from uuid import UUID

from sightglass_api.datasets import queries
from sightglass_api.datasets.queries import SourceRow
from sightglass_api.datasets.schemas import IndexingBegun
from sightglass_api.objects import Head
from sightglass_common import jobs
from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_common.messages import ScanSource, wrap
from sightglass_common.queues import SOURCES_TO_SCAN
from sightglass_common.sources import holds_records
from sightglass_common.tracing import Trace

_SOURCE: Final = "api"


def source_of(dataset_id: UUID, bucket: str, key: str, head: Head, *, filename: str, content_type: str) -> SourceRow:
    """The row of an object as it was seen."""
    return SourceRow(
        source_id=new_id(),
        dataset_id=dataset_id,
        job_id=new_id(),
        bucket=bucket,
        object_key=key,
        version_id=head.version_id,
        etag=head.etag,
        size_bytes=head.size_bytes,
        filename=filename,
        content_type=content_type,
    )


async def index(db: Db, tenant_id: UUID, source: SourceRow, *, trace: Trace) -> IndexingBegun:
    """Have a source's documents redacted and indexed when the caller's transaction commits. Raises DatasetNotFound."""
    await queries.dataset(db, source.dataset_id)
    message = ScanSource(tenant_id=tenant_id, job_id=source.job_id, source_id=source.source_id)
    envelope = wrap(message, source=_SOURCE, trace=trace)
    await jobs.enqueue(db, SOURCES_TO_SCAN, envelope, kind="indexing", job_id=source.job_id)
    await queries.add_source(db, tenant_id, source)
    return begun(source.source_id, source.job_id, filename=source.filename, content_type=source.content_type)


def begun(source_id: UUID, job_id: UUID, *, filename: str, content_type: str) -> IndexingBegun:
    """What was begun. A source that is one document has its id."""
    ids = [] if holds_records(filename, content_type) else [source_id]
    return IndexingBegun(source_id=source_id, job_id=job_id, document_ids=ids)
