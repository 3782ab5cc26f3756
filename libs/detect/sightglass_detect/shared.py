"""Settings that differ from call to call: one engine for all of them, so that none has databases made for it."""

from collections.abc import Collection
from dataclasses import replace

from sightglass_detect import catalogue
from sightglass_detect.engine.engine import Engine
from sightglass_detect.engine.overlaps import Sweep
from sightglass_detect.finding import Finding
from sightglass_detect.settings import AllowList, Settings


class Chosen:
    """An engine for all that is shipped, of which only what some settings want is told. As `Engine`."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """Raises UnknownDetector."""
        wanted = {detector.id for detector in settings.chosen(catalogue.shipped())}
        self._floors = {name: settings.floor(name) for name in wanted}
        self._allow = settings.allow
        self._engine = engine
        self.ranks = engine.ranks
        self.hides = engine.hides
        self.reach = engine.reach

    def scan(self, data: bytes, labels: bytes = b"", named: Collection[str] = ()) -> list[Finding]:
        """What is told of some bytes: see `Engine.scan`."""
        sweep = Sweep(self.ranks, self.hides)
        return [*sweep.add(self.raw(data, labels, named)), *sweep.close()]

    def raw(self, data: bytes, labels: bytes = b"", named: Collection[str] = ()) -> list[Finding]:
        """All findings that are wanted, overlapping ones too."""
        return [f for f in self._engine.raw(data, labels, named) if self._tells(f, data)]

    def _tells(self, found: Finding, data: bytes) -> bool:
        if found.confidence < self._floors.get(found.detector, 2):
            return False
        return not (self._allow and self._allow.allows(data[found.start : found.end].decode("utf-8", "replace")))


def of_all(settings: Settings) -> Settings:
    """Settings of the engine that serves these, and any others with the same detectors of one's own."""
    everything = frozenset(detector.id for detector in catalogue.shipped())
    return replace(
        settings,
        detectors=everything,
        without=frozenset(),
        min_confidence=0,
        min_confidence_of={},
        allow=AllowList(),
        normalise=False,
        ocr=False,
    )
