"""Whether there are the detectors that a scan names."""

import asyncio

from sightglass_api.auth import Tenant
from sightglass_api.detect.choice import detection_of
from sightglass_api.detectors import queries
from sightglass_api.scans.schemas import NewScan


async def check_detectors(tenant: Tenant, new: NewScan) -> None:
    """Raise UnknownDetectors when a scan names one that is neither shipped nor the tenant's own."""
    if new.detectors is None:
        return
    async with tenant.transaction() as db:
        own = [row.detector_id for row in await queries.detectors(db)]
    await asyncio.to_thread(detection_of, new.detectors, new.min_confidence, own=own)
