"""Parts of scans: made, taken, and carried to the end of the scan."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from sightglass_common import jobs
from sightglass_common.db import Db
from sightglass_common.errors import Cancelled
from sightglass_common.ids import new_id
from sightglass_common.messages import JobMessage, ListPage, ScanBatch, wrap
from sightglass_common.queues import SCAN_BATCHES, SCAN_LISTINGS
from sightglass_common.tracing import Trace
from sightglass_scanner import queries
from sightglass_scanner.inventory.piece import Piece
from sightglass_scanner.queries import Part, Scan
from sightglass_scanner.selection import Listed
from sightglass_scanner.spans import Span

SOURCE: Final = "scanner"
KIND: Final = "scan_part"


async def send_page(db: Db, scan: Scan, span: Span, trace: Trace) -> None:
    """Have the page listed with which what is left of a range begins, when this commits."""
    message = ListPage(tenant_id=scan.tenant_id, job_id=new_id(), scan_id=scan.scan_id)
    await jobs.enqueue(db, SCAN_LISTINGS, wrap(message, source=SOURCE, trace=trace), kind=KIND, job_id=message.job_id)
    await queries.add_page(db, scan.tenant_id, scan.scan_id, message.job_id, span)


async def send_piece(db: Db, scan: Scan, piece: Piece, trace: Trace) -> None:
    """Have a piece of an inventory read when this commits."""
    message = ListPage(tenant_id=scan.tenant_id, job_id=new_id(), scan_id=scan.scan_id)
    await jobs.enqueue(db, SCAN_LISTINGS, wrap(message, source=SOURCE, trace=trace), kind=KIND, job_id=message.job_id)
    await queries.add_piece(db, scan.tenant_id, scan.scan_id, message.job_id, piece.as_json())


async def send_batch(db: Db, scan: Scan, objects: Iterable[Listed], trace: Trace) -> None:
    """Have a batch read when this commits."""
    message = ScanBatch(tenant_id=scan.tenant_id, job_id=new_id(), scan_id=scan.scan_id)
    await jobs.enqueue(db, SCAN_BATCHES, wrap(message, source=SOURCE, trace=trace), kind=KIND, job_id=message.job_id)
    rows: list[dict[str, Any]] = [asdict(listed) for listed in objects]
    await queries.add_batch(db, scan.tenant_id, scan.scan_id, message.job_id, rows)


def span_of(part: Part) -> Span:
    """What a page is the first one of."""
    return Span(part.token, part.after_key, part.upto_key, part.pages, part.shares)


def objects_of(part: Part) -> Sequence[Listed]:
    """The objects of a batch."""
    return [Listed(**listed) for listed in part.objects or ()]


async def current(db: Db, scan_id: UUID, message: JobMessage) -> tuple[Scan, Part]:
    """A scan and its part that a message is for. Raises Cancelled when there is nothing to be done for it."""
    scan = await queries.scan_of(db, scan_id)
    part = await queries.part_of(db, scan_id, message.job_id)
    if part is None or not scan.goes_on:
        raise Cancelled(job_id=str(message.job_id))
    return scan, part


async def take(db: Db, scan_id: UUID, part_id: UUID) -> None:
    """Begin the effect of a part. Raises Cancelled when it has had one, or is to have none."""
    if not await queries.take(db, scan_id, part_id):
        raise Cancelled(job_id=str(part_id))
