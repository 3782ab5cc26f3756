"""What a detector of a tenant's own may be, as the engine says: pure."""

from collections.abc import Collection
from typing import Final

from sightglass_api.detectors.queries import DetectorRow
from sightglass_api.detectors.schemas import Definition, DetectionSettings, Detector
from sightglass_common.errors import DetectorExists, InvalidRequest
from sightglass_detect import OWN_FAMILY, UnusablePattern, custom_detector, described_detector, detectors

# Of what is told when nothing is said: as of the engine's own settings.
_LEAST_CONFIDENCE: Final = 0.5


def check_name(detector_id: str) -> None:
    """Raise DetectorExists for the id or the family of a shipped detector."""
    names = {name for detector in detectors() for name in (detector.id, detector.family)} | {OWN_FAMILY}
    if detector_id in names:
        raise DetectorExists(f"{detector_id} is the name of a shipped detector, or of a family of these.")


def check_definition(definition: Definition) -> None:
    """Raise InvalidRequest, with the engine's words, for what it cannot run in bounded time."""
    try:
        described_detector("it", definition.model_dump())
    except UnusablePattern as error:
        raise _unusable("/pattern", error) from error


def check_settings(settings: DetectionSettings, own: Collection[str]) -> None:
    """Raise InvalidRequest for a pattern that the engine refuses, and for a threshold of no detector."""
    for number, pattern in enumerate(settings.allow.patterns):
        try:
            custom_detector("it", pattern=pattern)
        except UnusablePattern as error:
            raise _unusable(f"/allow/patterns/{number}", error) from error
    unknown = settings.min_confidence_of.keys() - {detector.id for detector in detectors()} - set(own)
    if unknown:
        detail = f"There is no detector called {', '.join(sorted(unknown))}."
        raise InvalidRequest(detail, errors=[{"pointer": "/min_confidence_of", "detail": detail}])


def finds_more(before: DetectionSettings, after: DetectionSettings) -> bool:
    """Whether other settings find what these did not: a threshold is lower, or an exception is gone.

    Of paths nothing depends here: they say what scans leave out, and a dataset's document is not left out.
    """
    allowed, allows = before.allow, after.allow
    if set(allowed.texts) - set(allows.texts) or set(allowed.patterns) - set(allows.patterns):
        return True
    floors, now = before.min_confidence_of, after.min_confidence_of
    return any(
        now.get(name, _LEAST_CONFIDENCE) < floors.get(name, _LEAST_CONFIDENCE) for name in floors.keys() | now.keys()
    )


def looks_elsewhere(before: Definition, after: Definition) -> bool:
    """Whether a detector that is defined anew may find what it did not; its title and its severity find nothing."""
    beside = {"title", "severity"}
    return before.model_dump(exclude=beside) != after.model_dump(exclude=beside)


def own_detector(row: DetectorRow) -> Detector:
    """A tenant's own detector as a client sees it."""
    definition = Definition.model_validate(row.definition, extra="ignore")
    return Detector(
        detector_id=row.detector_id,
        title=definition.title or row.detector_id,
        family=OWN_FAMILY,
        severity=definition.severity,
        on=True,
        own=True,
        definition=definition,
        changed_at=row.changed_at,
    )


def shipped_detectors() -> list[Detector]:
    """The shipped detectors as a client sees them. The first call reads the catalogue."""
    return [
        Detector.model_validate(
            {
                "detector_id": detector.id,
                "title": detector.title,
                "family": detector.family,
                "severity": str(detector.severity),
                "on": detector.on,
                "own": False,
            }
        )
        for detector in detectors()
    ]


def _unusable(pointer: str, error: UnusablePattern) -> InvalidRequest:
    return InvalidRequest(f"{error}.", errors=[{"pointer": pointer, "detail": str(error)}])
