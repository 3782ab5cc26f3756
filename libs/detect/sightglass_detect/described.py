"""Settings that are written down as JSON: detectors of one's own, what is never told, and thresholds."""

import json
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final

from sightglass_detect.catalogue import shipped
from sightglass_detect.custom import custom_detector
from sightglass_detect.detector import Detector
from sightglass_detect.finding import Severity
from sightglass_detect.settings import AllowList, Settings

# The family of detectors of one's own.
OWN_FAMILY: Final = "custom"


def described_detector(name: str, described: Mapping[str, Any]) -> Detector:
    """A detector by its description: the arguments of `custom_detector`. Raises UnusablePattern."""
    return custom_detector(
        name,
        pattern=described.get("pattern"),
        words=tuple(described.get("words", ())),
        keywords=tuple(described.get("keywords", ())),
        within=(int(described["within"][0]), int(described["within"][1])),
        severity=Severity[str(described["severity"]).upper()],
        stop=tuple(described.get("stop", ())),
    )


def described_settings(
    described: Mapping[str, Any], *, detectors: Collection[str] | None, min_confidence: float
) -> Settings:
    """Settings with what is described: {"own": [{"id", ...}], "allow": {...}, "min_confidence_of": {...}, "normalise",
    "ocr"} or less.

    detectors: ids or families, those of one's own too; None: all of these, and the shipped ones that are on.
    Thresholds of detectors that there are no more, or that are not asked for, say nothing. Raises UnusablePattern.
    """
    own = _own(json.dumps(described.get("own", []), sort_keys=True))
    wanted = None if detectors is None else frozenset(detectors)
    if wanted is not None:
        own = own if OWN_FAMILY in wanted else tuple(detector for detector in own if detector.id in wanted)
        wanted -= {OWN_FAMILY}
    known = {detector.id for detector in (*shipped(), *own)}
    floors: Mapping[str, float] = described.get("min_confidence_of") or {}
    allow: Mapping[str, Any] = described.get("allow") or {}
    return Settings(
        detectors=wanted,
        min_confidence=min_confidence,
        min_confidence_of={name: floor for name, floor in floors.items() if name in known},
        custom=own,
        allow=AllowList(
            frozenset(allow.get("texts", ())), tuple(allow.get("patterns", ())), tuple(allow.get("paths", ()))
        ),
        normalise=bool(described.get("normalise")),
        ocr=bool(described.get("ocr")),
    )


# Each pattern is tried in the engine, which takes milliseconds, and a scan asks for each of its batches.
@lru_cache(maxsize=64)
def _own(described: str) -> tuple[Detector, ...]:
    return tuple(described_detector(one["id"], one) for one in json.loads(described))
