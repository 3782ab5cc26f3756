"""Segments by their ids, as searches and citations name them."""

import re
from typing import Final
from uuid import UUID

from fastapi import APIRouter

from sightglass_api.auth import TenantDb
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.search.schemas import Segment
from sightglass_common import search_queries
from sightglass_common.dataset_errors import SegmentNotFound
from sightglass_common.search import Hit
from sightglass_common.search_queries import HitRow

router = APIRouter(prefix="/v1/segments", tags=["search"])

_ID: Final = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([0-9]{1,18})")


@router.get("/{segment_id}", **guarded(Permission.READ, SegmentNotFound))
async def get_segment(segment_id: str, db: TenantDb) -> Segment:
    """One segment, as a search would show it: none that is withheld or deleted."""
    match = _ID.fullmatch(segment_id)
    row = match and await search_queries.segment(db, UUID(match[1]), int(match[2]))
    if row is None:
        raise SegmentNotFound
    return segment_of(row)


def segment_of(row: Hit | HitRow) -> Segment:
    """A segment as clients see it."""
    return Segment(
        segment_id=f"{row.document_id}-{row.ordinal}",
        dataset_id=row.dataset_id,
        document_id=row.document_id,
        document_ref=row.ref,
        title=row.title,
        origin=row.origin,
        text=row.text,
        locator={name: value for name, value in row.locator.items() if name != "lines"},
    )
