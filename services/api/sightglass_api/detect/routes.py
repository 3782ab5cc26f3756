"""Looking through a text while the caller waits."""

from dataclasses import replace
from functools import cache

from fastapi import APIRouter

from sightglass_api.auth import CallersTenant
from sightglass_api.detect.choice import detection_of
from sightglass_api.detect.schemas import MAX_FINDINGS, MAX_TEXT_BYTES, Detection, NewDetection, TextFinding
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_common.errors import RateLimited, TextTooLarge, UnknownDetectors
from sightglass_detect import Detector, Finding, detectors, masked, scan

router = APIRouter(prefix="/v1/detect", tags=["detect"])


@router.post("", **guarded(Permission.READ, TextTooLarge, UnknownDetectors, RateLimited, body=True))
async def detect(new: NewDetection, tenant: CallersTenant) -> Detection:
    """Find what is sensitive in a text. It is neither stored nor logged."""
    if len(new.text.encode()) > MAX_TEXT_BYTES:
        raise TextTooLarge(f"The text may have {MAX_TEXT_BYTES} bytes of UTF-8.", max_bytes=MAX_TEXT_BYTES)
    return await tenant.context.looking.run(tenant.tenant_id, lambda: _detected(new))


def _detected(new: NewDetection) -> Detection:
    settings = replace(detection_of(new.detectors, new.min_confidence), normalise=new.normalise, ocr=new.ocr)
    found = scan(new.text, settings=settings, shared=True)
    return Detection(
        findings=[_shown(finding, new.text) for finding in found[:MAX_FINDINGS]], truncated=len(found) > MAX_FINDINGS
    )


def _shown(found: Finding, text: str) -> TextFinding:
    detector = _by_id()[found.detector]
    return TextFinding.model_validate(
        {
            "detector": found.detector,
            "title": detector.title,
            "family": detector.family,
            "severity": str(found.severity),
            "confidence": found.confidence,
            "start": found.start,
            "end": found.end,
            "masked": masked(text[found.start : found.end], detector.shown),
            "checked": found.checked,
            "context": found.context,
            "detail": found.detail,
        }
    )


@cache
def _by_id() -> dict[str, Detector]:
    return {detector.id: detector for detector in detectors()}
