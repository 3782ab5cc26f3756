"""`scan`: what most users need."""

from functools import lru_cache

from sightglass_detect import catalogue
from sightglass_detect.detector import Detector
from sightglass_detect.engine.engine import Engine
from sightglass_detect.engine.rules import rules_of
from sightglass_detect.finding import Finding
from sightglass_detect.offsets import encode, in_characters
from sightglass_detect.settings import Settings

_DEFAULT = Settings()


def detectors() -> tuple[Detector, ...]:
    """All detectors that are shipped."""
    return catalogue.shipped()


def scan(data: bytes | str, *, settings: Settings = _DEFAULT) -> list[Finding]:
    """Find what is sensitive. Offsets are into what was given: bytes, or characters of a str."""
    if isinstance(data, bytes):
        return engine_for(settings).scan(data)
    encoded = encode(data)
    found = engine_for(settings).scan(encoded)
    return found if len(encoded) == len(data) else in_characters(found, encoded)


@lru_cache(maxsize=64)
def engine_for(settings: Settings) -> Engine:
    """The engine for some settings; made once."""
    chosen = settings.chosen(catalogue.shipped())
    return Engine(rules_of(chosen, {detector.id: settings.floor(detector.id) for detector in chosen}))
