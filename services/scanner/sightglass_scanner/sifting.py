"""The objects of a page, or of a piece of an inventory, sifted: what is read, known or skipped, and why."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.tracing import Trace
from sightglass_scanner import folder_queries, found_queries
from sightglass_scanner.beginning import detection_of
from sightglass_scanner.folders import Folder, folders_of
from sightglass_scanner.masking import storable
from sightglass_scanner.parts import send_batch
from sightglass_scanner.queries import Scan
from sightglass_scanner.results import ObjectNote, Tally
from sightglass_scanner.sampling import offer
from sightglass_scanner.sealing import tenant_key
from sightglass_scanner.selection import FILTERED, Filters, Listed, Selected, select
from sightglass_scanner.settings import ScannerSettings
from sightglass_scanner.unchanged import Unchanged, unchanged
from sightglass_scanner.ways import way_of


@dataclass(frozen=True, slots=True)
class Sifted:
    """Objects, and what comes of them. wanted: keys of those that no filter leaves out."""

    objects: Sequence[Listed]
    wanted: frozenset[str]
    selected: Selected
    known: Unchanged


async def sifted(pool: Pool, scan: Scan, objects: Sequence[Listed], settings: ScannerSettings) -> Sifted:
    """What comes of some objects of a scan."""
    filters = Filters(scan.include_patterns, scan.unwanted, scan.max_object_bytes, scan.sample_share, scan.sample_seed)
    wanted = await asyncio.to_thread(_wanted, objects, filters)
    key = tenant_key(settings.finding_key.get_secret_value(), scan.tenant_id)
    way = way_of(detection_of(scan), key, media=scan.media)
    # Of a sample of so many it is known at the end alone which objects are wanted.
    to_know = wanted if scan.sample_objects is None else frozenset[str]()
    async with tenant_transaction(pool, scan.tenant_id) as db:
        known = await unchanged(db, scan, way, objects, to_know)
    seen = {look.key for look in known.of_scan}
    selected = await asyncio.to_thread(
        select,
        [listed for listed in objects if listed.key not in seen],
        filters,
        batch_objects=settings.batch_objects,
        batch_bytes=settings.batch_bytes,
    )
    return Sifted(objects, wanted, selected, known)


def _wanted(objects: Iterable[Listed], filters: Filters) -> frozenset[str]:
    """In a thread, as `select`: 200 patterns of 1,000 signs take a long key ten milliseconds, a page ten seconds."""
    return frozenset(listed.key for listed in objects if filters.reason_against(listed) is None)


async def take(db: Db, scan: Scan, part_id: UUID, some: Iterable[Sifted], trace: Trace) -> None:
    """Have objects read or skipped, and count them. In the transaction of the effect of the part that they are of."""
    tally = Tally()
    folders: Counter[Folder] = Counter()
    for page in some:
        for listed in page.objects:
            tally.add("listed", listed.size_bytes)
        for reason, skipped in page.selected.skipped.items():
            for listed in skipped:
                tally.add(f"skipped:{reason}", listed.size_bytes)
        await page.known.take(db, scan, tally)
        await found_queries.add_notes(db, scan.tenant_id, scan.scan_id, _notes(page.selected))
        if scan.sample_objects is not None:
            fit = [listed for batch in page.selected.batches for listed in batch]
            await offer(db, scan, fit, page.known.looks, tally, most=scan.sample_objects)
            continue
        for batch in page.selected.batches:
            await send_batch(db, scan, batch, trace)
        folders += folders_of(page.wanted, scan.prefix)
    await found_queries.count(db, scan.tenant_id, scan.scan_id, part_id, tally)
    await folder_queries.count(db, scan.tenant_id, scan.scan_id, folders)


def _notes(selected: Selected) -> list[ObjectNote]:
    return [
        ObjectNote(storable(listed.key), listed.etag.strip('"'), "skipped", reason)
        for reason, skipped in selected.skipped.items()
        if reason not in FILTERED
        for listed in skipped
    ]
