"""What becomes of all that a scan was about to do, when it ends before."""

from uuid import UUID

from sightglass_common.db import Db
from sightglass_scanner import queries
from sightglass_scanner.media import queries as media_queries


async def leave(db: Db, scan_id: UUID) -> None:
    """Leave the rest of a scan; what it has handed on, and nobody else asked for, is cancelled."""
    awaited = await media_queries.awaited(db, scan_id)
    if awaited:
        await media_queries.end_waiting(db, scan_id)
    await queries.forget(db, scan_id)
    if awaited:
        await media_queries.cancel_unwanted(db, awaited)
