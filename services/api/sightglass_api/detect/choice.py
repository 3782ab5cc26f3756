"""Detectors that a caller names."""

from collections.abc import Collection, Sequence

from sightglass_common.errors import UnknownDetectors
from sightglass_detect import OWN_FAMILY, Settings, UnknownDetector
from sightglass_detect import detectors as shipped


def detection_of(detectors: Sequence[str] | None, min_confidence: float, *, own: Collection[str] = ()) -> Settings:
    """What to look for. Raises UnknownDetectors, with the names that are most like each that is unknown.

    own: ids of the tenant's own detectors, which are left out here. The first call reads the catalogue, so it belongs
    in a thread.
    """
    chosen = None if detectors is None else frozenset(detectors) - {*own, OWN_FAMILY}
    settings = Settings(detectors=chosen, min_confidence=round(min_confidence, 6))
    try:
        settings.chosen(shipped())
    except UnknownDetector as error:
        raise UnknownDetectors(str(error), unknown=list(error.names)) from error
    return settings
