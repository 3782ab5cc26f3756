"""What a part has read, stored and counted: in the transaction of its effect."""

from uuid import UUID

from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_scanner import found_queries, look_queries
from sightglass_scanner.looking import Read
from sightglass_scanner.looks import row_of
from sightglass_scanner.queries import Scan


async def store(db: Db, scan: Scan, part_id: UUID, read: Read) -> None:
    """Make what was read the scan's. What was found is counted if it is new to the scan."""
    new = await found_queries.add_findings(db, scan.tenant_id, scan.scan_id, read.findings)
    tally = read.tally
    for row in read.findings:
        if row.finding_id in new:
            new.discard(row.finding_id)
            tally.add(f"finding:severity:{row.severity}")
            tally.add(f"finding:detector:{row.detector}")
    await found_queries.add_notes(db, scan.tenant_id, scan.scan_id, read.notes)
    await found_queries.count(db, scan.tenant_id, scan.scan_id, part_id, tally)
    if read.looks:
        row, wide = row_of(new_id(), read.looks), scan.sample_objects is not None
        await look_queries.add(db, scan.tenant_id, scan.bucket, read.way, row, wide=wide)
