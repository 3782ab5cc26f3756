"""Objects handed on: each becomes a part of the scan that waits for the job that looks at it."""

import mimetypes
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from sightglass_common import analyses, jobs, waiting
from sightglass_common.analyses import NewVideo
from sightglass_common.db import Db
from sightglass_common.errors import JobNotRetryable
from sightglass_common.filenames import filename_of_key
from sightglass_common.ids import new_id
from sightglass_common.messages import ReadImage, ScanBatch, wrap
from sightglass_common.queues import IMAGES_TO_READ, SCAN_BATCHES
from sightglass_common.tracing import Trace
from sightglass_scanner import queries
from sightglass_scanner.media import queries as media_queries
from sightglass_scanner.media.queries import HeldJob
from sightglass_scanner.parts import KIND, SOURCE
from sightglass_scanner.queries import Scan
from sightglass_scanner.results import Media, ObjectResult
from sightglass_scanner.selection import Listed

HANDED: Final = frozenset({"image", "video"})
_IMAGE: Final = "image"


def is_for_others(scan: Scan, result: ObjectResult) -> bool:
    """Whether others are to look at an object that was read."""
    return scan.media and result.media is not None and result.media.kind in HANDED


@dataclass(frozen=True, slots=True)
class _Asked:
    """An object that is handed on. video_id: None for an image. known: the job that looks at it already, or has."""

    listed: Listed
    result: ObjectResult
    media: Media
    video_id: UUID | None
    known: UUID | None


async def hand_on(db: Db, scan: Scan, objects: Sequence[tuple[Listed, ObjectResult]], trace: Trace) -> None:
    """Hand objects on when this commits; what is being looked at already, or was, is not asked for again.

    Rows are made in the order of keys, and held in the order of their ids, as everywhere: no two wait for each other.
    """
    asked: list[_Asked] = []
    for listed, result in sorted(objects, key=lambda one: one[0].key):
        if result.media is not None:
            asked.append(await _known(db, scan, listed, result, result.media))
    held = {job.job_id: job for job in await media_queries.held(db, [one.known for one in asked if one.known])}
    for one in asked:
        job = held.get(one.known) if one.known else None
        if job is None or not job.is_usable:
            awaited = await _begun(db, scan, one, job, trace)
            job = HeldJob(awaited, "queued", cancel_requested=False)
        await _wait_for(db, scan, one, job, trace)


async def _known(db: Db, scan: Scan, listed: Listed, result: ObjectResult, media: Media) -> _Asked:
    """What there is of an object already. Nobody else begins it before the transaction ends."""
    if media.kind == _IMAGE:
        known = await media_queries.known_reading(db, _reading(scan, listed, media))
        return _Asked(listed, result, media, None, known)
    video_id = await analyses.same_or_new_video(db, _video(scan, listed, result, media))
    await analyses.one_at_a_time(db, video_id, "exact")
    return _Asked(listed, result, media, video_id, await media_queries.usable(db, video_id))


async def _begun(db: Db, scan: Scan, asked: _Asked, job: HeldJob | None, trace: Trace) -> UUID:
    """Have an object looked at; the job that does. job: that has not come to anything, and will not."""
    if asked.video_id is not None:
        begun = await analyses.begin(db, scan.tenant_id, asked.video_id, source=SOURCE, trace=trace, for_scans=True)
        return begun.job_id
    if job is not None:
        # One that is about to be cancelled is tried again when that has happened.
        with suppress(JobNotRetryable):
            await jobs.retry(db, job.job_id, trace=trace)
        return job.job_id
    message = ReadImage(tenant_id=scan.tenant_id, job_id=new_id())
    await jobs.enqueue(
        db, IMAGES_TO_READ, wrap(message, source=SOURCE, trace=trace), kind=_IMAGE, job_id=message.job_id
    )
    ids = {"tenant_id": scan.tenant_id, "job_id": message.job_id, "size_bytes": asked.result.size_bytes}
    await media_queries.add_reading(db, ids | _reading(scan, asked.listed, asked.media))
    return message.job_id


def _reading(scan: Scan, listed: Listed, media: Media) -> dict[str, object]:
    return {
        "bucket": scan.bucket,
        "object_key": listed.key,
        "version_id": media.version_id,
        "etag": media.etag,
    }


async def _wait_for(db: Db, scan: Scan, asked: _Asked, job: HeldJob, trace: Trace) -> None:
    """Add the part that waits for a job; if that is over, there is nothing to wait for."""
    message = ScanBatch(tenant_id=scan.tenant_id, job_id=new_id(), scan_id=scan.scan_id)
    envelope = wrap(message, source=SOURCE, trace=trace)
    if job.is_over:
        await jobs.enqueue(db, SCAN_BATCHES, envelope, kind=KIND, job_id=message.job_id)
    else:
        await waiting.add(db, SCAN_BATCHES, envelope, kind=KIND)
    ids = scan.tenant_id, scan.scan_id, message.job_id
    result = asked.result
    listed = asdict(asked.listed) | {"size_bytes": result.size_bytes}
    await queries.add_handed(db, *ids, awaits=job.job_id, listed=listed, handed=_told(result, asked.media))


def _told(result: ObjectResult, media: Media) -> dict[str, object]:
    """What came of an object so far, as 0017_handed has it."""
    return {
        "kind": media.kind,
        "version": media.version_id or media.etag.strip('"'),
        "etag": media.etag,
        "read": result.outcome == "done",
        "notes": [[note.reason, note.detail] for note in result.notes if note.reason != media.kind],
        "findings": [str(row.finding_id) for row in result.findings],
    }


def _video(scan: Scan, listed: Listed, result: ObjectResult, media: Media) -> NewVideo:
    name = filename_of_key(listed.key)
    return NewVideo(
        tenant_id=scan.tenant_id,
        video_id=new_id(),
        bucket=scan.bucket,
        object_key=listed.key,
        version_id=media.version_id,
        etag=media.etag,
        size_bytes=result.size_bytes,
        filename=name,
        content_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
    )
