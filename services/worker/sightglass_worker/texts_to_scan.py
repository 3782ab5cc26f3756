"""Has the scanner look for sensitive data in what an analysis has read on screen."""

from collections.abc import Sized
from typing import Final
from uuid import UUID

from sightglass_common import jobs
from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_common.messages import ScanTexts, wrap
from sightglass_common.queues import TEXTS_TO_SCAN
from sightglass_common.tracing import Trace

SOURCE: Final = "worker"
_KIND: Final = "text_scan"


async def have_scanned(db: Db, tenant_id: UUID, analysis_id: UUID, texts: Sized, trace: Trace) -> None:
    """Send the texts of an analysis to be scanned when this commits; nothing where there are none."""
    if not texts:
        return
    message = ScanTexts(tenant_id=tenant_id, job_id=new_id(), analysis_id=analysis_id)
    envelope = wrap(message, source=SOURCE, trace=trace)
    await jobs.enqueue(db, TEXTS_TO_SCAN, envelope, kind=_KIND, job_id=message.job_id)
