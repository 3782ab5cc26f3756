"""Detectors: the shipped ones, the tenant's own, and what holds for all of its scans."""

import asyncio

from fastapi import APIRouter, Response

from sightglass_api.auth import CallersTenant, TenantDb
from sightglass_api.detectors import queries, rules
from sightglass_api.detectors.schemas import (
    MOST_OF_A_TENANT,
    Definition,
    DetectionSettings,
    Detector,
    Detectors,
    NewDetector,
)
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_common.errors import DetectorExists, DetectorNotFound, InvalidRequest

router = APIRouter(prefix="/v1", tags=["detectors"])


@router.get("/detectors", **guarded(Permission.READ))
async def list_detectors(db: TenantDb) -> Detectors:
    """All detectors with their families: the tenant's own, then the shipped ones."""
    own = [rules.own_detector(row) for row in await queries.detectors(db)]
    return Detectors(items=[*own, *await asyncio.to_thread(rules.shipped_detectors)])


@router.post("/detectors", status_code=201, **guarded(Permission.SCAN, DetectorExists, body=True))
async def create_detector(new: NewDetector, tenant: CallersTenant, response: Response) -> Detector:
    """Add a detector of the tenant's own. Scans that begin from now on look for it, unless they name others.

    Documents of datasets are withheld until they are read anew with it.
    """
    await asyncio.to_thread(rules.check_name, new.detector_id)
    await asyncio.to_thread(rules.check_definition, new)
    async with tenant.transaction() as db:
        if await queries.count_to_add(db, tenant.tenant_id) >= MOST_OF_A_TENANT:
            raise InvalidRequest(f"A tenant has at most {MOST_OF_A_TENANT} detectors of its own.")
        definition = new.model_dump(mode="json", exclude={"detector_id"})
        row = await queries.insert(db, tenant.tenant_id, new.detector_id, definition)
        await queries.next_generation(db, tenant.tenant_id)
    response.headers["Location"] = f"/v1/detectors/{new.detector_id}"
    return rules.own_detector(row)


@router.put("/detectors/{detector_id}", **guarded(Permission.SCAN, DetectorNotFound, body=True))
async def replace_detector(detector_id: str, definition: Definition, tenant: CallersTenant) -> Detector:
    """Define a detector of the tenant's own anew. Scans that have begun keep to what it was; documents do not."""
    await asyncio.to_thread(rules.check_definition, definition)
    async with tenant.transaction() as db:
        before = Definition.model_validate(await queries.definition(db, detector_id), extra="ignore")
        row = await queries.replace(db, detector_id, definition.model_dump(mode="json"))
        if rules.looks_elsewhere(before, definition):
            await queries.next_generation(db, tenant.tenant_id)
    return rules.own_detector(row)


@router.delete("/detectors/{detector_id}", status_code=204, **guarded(Permission.SCAN, DetectorNotFound))
async def delete_detector(detector_id: str, db: TenantDb) -> None:
    """Remove a detector of the tenant's own. What it has found stays."""
    await queries.delete(db, detector_id)


@router.get("/detection-settings", **guarded(Permission.READ))
async def get_detection_settings(db: TenantDb) -> DetectionSettings:
    """What is never told, and the thresholds by detector."""
    return DetectionSettings.model_validate(await queries.settings(db), extra="ignore")


@router.put("/detection-settings", **guarded(Permission.SCAN, body=True))
async def set_detection_settings(settings: DetectionSettings, tenant: CallersTenant) -> DetectionSettings:
    """Set what is never told, and the thresholds by detector, in place of all that was. For scans from now on.

    Where more is found by it, documents of datasets are withheld until they are read anew.
    """
    async with tenant.transaction() as db:
        own = [row.detector_id for row in await queries.detectors(db)]
    await asyncio.to_thread(rules.check_settings, settings, own)
    async with tenant.transaction() as db:
        before = DetectionSettings.model_validate(await queries.settings(db, lock=True), extra="ignore")
        await queries.set_settings(db, tenant.tenant_id, settings.model_dump(mode="json"))
        if rules.finds_more(before, settings):
            await queries.next_generation(db, tenant.tenant_id)
    return settings
