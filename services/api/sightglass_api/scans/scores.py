"""Scores of a scan's bucket and prefixes."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from sightglass_api.auth import TenantDb
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.scans import queries, score_queries
from sightglass_api.scans.findings import Text
from sightglass_api.scans.rules import status_of
from sightglass_api.scans.schemas import PrefixScore, Scores, Severity
from sightglass_api.scans.score_queries import PrefixRow
from sightglass_api.scans.scoring import Measured, score
from sightglass_common.errors import ScanNotFound

router = APIRouter(prefix="/v1", tags=["scans"])

# As the scanner names the row of a scan's prefix itself.
_ITSELF: Final = "/"
_BY_WORST: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low")


@router.get("/scans/{scan_id}/scores", **guarded(Permission.READ, ScanNotFound, filters=("prefix", "depth", "limit")))
async def scores_of_scan(
    scan_id: UUID,
    db: TenantDb,
    prefix: Text = None,
    depth: Annotated[int, Query(ge=0, le=10, description="How many levels of folders below it.")] = 1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Scores:
    """How sensitive what lies below a prefix is, from 0 to 100, and the folders below it in which something is found.

    Without a prefix: the scan's own. The prefix comes first, then the folders, the most sensitive first.
    """
    scan = await queries.scan(db, scan_id)
    asked = scan.prefix if prefix is None else prefix
    rows = await score_queries.measured(db, scan_id, prefix=asked, depth=depth)
    by_folder = {_folder(scan.prefix, row.prefix): row for row in rows}
    top = _folder(scan.prefix, asked)
    counted = await score_queries.objects(db, scan_id, [*by_folder, top])
    objects = {(row.parent, row.name): row.objects for row in counted}
    found = [_scored(row, objects.get(folder)) for folder, row in by_folder.items() if row.below]
    found.sort(key=lambda item: (-item.score, item.prefix))
    whole = next((row for row in rows if not row.below), None)
    first = _scored(whole or PrefixRow(0, asked, 0, 0, 0, {}, {}), objects.get(top))
    return Scores(
        scan_id=scan_id,
        bucket=scan.bucket,
        status=status_of(scan),
        items=[first, *found[:limit]],
        left_out=max(0, len(found) - limit),
    )


def _folder(of_scan: str, prefix: str) -> tuple[str, str]:
    """Under which parent and name the objects below a prefix are counted, if they are."""
    if of_scan.startswith(prefix):
        return of_scan[: of_scan.rfind("/") + 1], _ITSELF
    if not prefix.endswith("/"):  # of several folders; no parent is called so
        return prefix, ""
    parent, _, name = prefix.removesuffix("/").rpartition("/")
    return (f"{parent}/" if parent or prefix.startswith("/") else ""), name


def _scored(row: PrefixRow, objects: int | None) -> PrefixScore:
    return PrefixScore(
        prefix=row.prefix,
        score=score(Measured(row.worst, row.amount, objects, row.objects_with_findings)),
        worst=next((severity for severity in _BY_WORST if severity in row.worst), None),
        findings=row.findings,
        distinct_values=row.distinct_values,
        objects=objects,
        objects_with_findings=row.objects_with_findings,
    )
