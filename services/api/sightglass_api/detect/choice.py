"""Detectors that a caller names."""

from collections.abc import Sequence

from sightglass_common.errors import UnknownDetectors
from sightglass_detect import Settings, UnknownDetector
from sightglass_detect import detectors as shipped


def detection_of(detectors: Sequence[str] | None, min_confidence: float) -> Settings:
    """What to look for. Raises UnknownDetectors, with the names that are most like each that is unknown.

    The first call reads the catalogue, so it belongs in a thread.
    """
    settings = Settings(
        detectors=None if detectors is None else frozenset(detectors), min_confidence=round(min_confidence, 6)
    )
    try:
        settings.chosen(shipped())
    except UnknownDetector as error:
        raise UnknownDetectors(str(error), unknown=list(error.names)) from error
    return settings
