"""A sample of so many objects: those with the lowest places of all that the filters let through.

While a scan is listed, each page offers its objects, in the transaction of its effect; whoever sees first that nothing
is left to list has those that are left read. A place follows from seed and key alone, so the sample is the same
whatever the order in which pages come, and each object is as likely to be in it as any other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from sightglass_common.db import Db
from sightglass_common.tracing import Trace
from sightglass_scanner import candidate_queries, folder_queries, found_queries, look_queries
from sightglass_scanner.candidate_queries import Candidate
from sightglass_scanner.folders import Folder, folders_of
from sightglass_scanner.looks import Look, look_told, remark_of
from sightglass_scanner.parts import send_batch
from sightglass_scanner.queries import Scan
from sightglass_scanner.results import Tally
from sightglass_scanner.selection import Listed, batched, sample_digest
from sightglass_scanner.settings import ScannerSettings
from sightglass_scanner.unchanged import take_known

_LEFT_OUT: Final = "skipped:not_sampled"
# Of the objects of a sample, while they are made batches: memory is of so many.
_AT_ONCE: Final = 1000


async def offer(
    db: Db, scan: Scan, objects: Iterable[Listed], looks: Mapping[str, Look], tally: Tally, *, most: int
) -> None:
    """Let some objects into the sample of `most`; count those that it has no room for. looks: of earlier scans."""
    some = [_candidate(scan, listed, looks.get(listed.key)) for listed in objects]
    added = await candidate_queries.add(db, scan.tenant_id, scan.scan_id, some, most=most)
    dropped = await candidate_queries.drop(db, scan.scan_id, most=most)
    left_out = len(some) - added.objects + dropped.objects
    if left_out:
        size_bytes = sum(one.size_bytes for one in some) - added.bytes + dropped.bytes
        tally.add(_LEFT_OUT, size_bytes, left_out)


async def draw(db: Db, scan: Scan, settings: ScannerSettings, trace: Trace) -> None:
    """Have the sample read, if there is nothing left to list; drawn already, or none asked for, is nothing to do.

    The scan's job is held by the caller.
    """
    if scan.sample_objects is None or not await candidate_queries.due(db, scan.scan_id):
        return
    tally = Tally()
    folders: Counter[Folder] = Counter()
    # Pages that ended side by side did not see each other's.
    dropped = await candidate_queries.drop(db, scan.scan_id, most=scan.sample_objects)
    if dropped.objects:
        tally.add(_LEFT_OUT, dropped.bytes, dropped.objects)
    while some := await candidate_queries.take(db, scan.scan_id, at_once=_AT_ONCE):
        known = await _known(db, some)
        await take_known(db, scan, known.values(), tally)
        to_read = [_listed(one) for one in some if one.key not in known]
        for batch in batched(to_read, batch_objects=settings.batch_objects, batch_bytes=settings.batch_bytes):
            await send_batch(db, scan, batch, trace)
        folders += folders_of([one.key for one in some], scan.prefix)
    await look_queries.put_wide_together(db, scan.tenant_id, scan.bucket)
    await found_queries.count(db, scan.tenant_id, scan.scan_id, scan.job_id, tally)
    await folder_queries.count(db, scan.tenant_id, scan.scan_id, folders)


async def _known(db: Db, some: Iterable[Candidate]) -> dict[str, Look]:
    """Looks that take the place of reading. One whose finding has gone since does not."""
    looks = {one.key: look_told(_listed(one), one.look) for one in some if one.look is not None}
    there = set(await look_queries.there(db, [found for look in looks.values() for found in look.findings]))
    return {key: look for key, look in looks.items() if there.issuperset(look.findings)}


def _candidate(scan: Scan, listed: Listed, look: Look | None) -> Candidate:
    place = sample_digest(scan.sample_seed, listed.key)
    told = None if look is None else remark_of(look)
    return Candidate(place, listed.key, listed.size_bytes, listed.etag, listed.storage_class, told)


def _listed(one: Candidate) -> Listed:
    return Listed(one.key, one.size_bytes, one.etag, one.storage_class)
