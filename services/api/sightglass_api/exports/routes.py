"""Exports of findings: of one scan, or of all."""

from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from sightglass_api.auth import CallersTenant, Tenant
from sightglass_api.exports.formats import WRITERS, Format
from sightglass_api.exports.kinds import Kinds, Source
from sightglass_api.exports.streaming import ExportResponse, pieces
from sightglass_api.exports.writers import Writer
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.scans.findings import FILTERS, Wanted
from sightglass_common.errors import RateLimited, ScanNotFound
from sightglass_detect import detectors

router = APIRouter(prefix="/v1", tags=["findings"])

AskedFormat = Annotated[Format, Query(alias="format", description="jsonl, csv, sarif, asff or ocsf.")]
_NOWHERE = Source()


@dataclass(frozen=True, slots=True)
class AwsPlace:
    """Whose account findings belong to, for ASFF: a bucket does not tell it."""

    aws_account: Annotated[str, Query(pattern="^[0-9]{12}$")] = _NOWHERE.account
    aws_region: Annotated[str, Query(pattern="^[a-z]{2}(-[a-z]+)+-[0-9]$")] = _NOWHERE.region


AskedPlace = Annotated[AwsPlace, Depends(AwsPlace)]
_ASKED: Final = (*FILTERS, *(field.name for field in fields(AwsPlace)), "format")


@router.get(
    "/scans/{scan_id}/findings/export",
    response_class=StreamingResponse,
    **guarded(Permission.READ, ScanNotFound, RateLimited, filters=_ASKED),
)
async def export_findings_of_scan(
    scan_id: UUID, wanted: Wanted, tenant: CallersTenant, place: AskedPlace, asked: AskedFormat = "jsonl"
) -> ExportResponse:
    """What a scan has found, as a stream of one moment's state.

    It is whole when the transfer ends as HTTP says it must: a connection that is cut before is an export that is cut.
    """
    return await _export(tenant, _writer(tenant, asked, place), wanted, scan_id)


@router.get(
    "/findings/export", response_class=StreamingResponse, **guarded(Permission.READ, RateLimited, filters=_ASKED)
)
async def export_findings(
    wanted: Wanted, tenant: CallersTenant, place: AskedPlace, asked: AskedFormat = "jsonl"
) -> ExportResponse:
    """What all scans have found, as `/v1/scans/{scan_id}/findings/export` gives that of one."""
    return await _export(tenant, _writer(tenant, asked, place), wanted, None)


async def _export(tenant: Tenant, writer: Writer, wanted: Wanted, scan_id: UUID | None) -> ExportResponse:
    found = pieces(tenant, writer, filters=asdict(wanted), scan_id=scan_id)
    name = "findings" if scan_id is None else f"findings-{scan_id}"
    return await ExportResponse.of(found, media_type=writer.media_type, filename=f"{name}.{writer.suffix}")


def _writer(tenant: Tenant, asked: Format, place: AwsPlace) -> Writer:
    source = Source(str(tenant.tenant_id), version("sightglass-api"), place.aws_account, place.aws_region)
    return WRITERS[asked](Kinds(detectors(), source))
