"""What is looked for, and what is told."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, Literal

from sightglass_detect.detector import Detector

Engine = Literal["auto", "hyperscan", "re"]

# How much a name must be like one that there is for that to be named: 0 to 1, as difflib counts it.
_ALIKE: Final = 0.5


class UnknownDetector(ValueError):
    """Settings name a detector that there is not. names: what is unknown; nearest: of each the names most like it."""

    def __init__(self, names: Iterable[str], known: Collection[str]) -> None:
        self.names = tuple(sorted(names))
        self.nearest = {name: tuple(get_close_matches(name, sorted(known), cutoff=_ALIKE)) for name in self.names}
        told = [f"{name} ({' or '.join(near)}?)" if near else name for name, near in self.nearest.items()]
        super().__init__(f"There is no detector or family called {', '.join(told)}.")


@dataclass(frozen=True, slots=True)
class AllowList:
    """What is never told.

    texts: values as a whole. patterns: regular expressions of the value as a whole. paths: shell patterns of the path
    of what is read, in which nothing is told at all.
    """

    texts: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.texts or self.patterns)

    def allows(self, value: str) -> bool:
        """Whether a value is not told."""
        return value in self.texts or any(re.fullmatch(pattern, value) for pattern in self.patterns)

    def allows_path(self, path: str) -> bool:
        """Whether nothing is told of what lies at `path`."""
        return any(fnmatchcase(path, pattern) for pattern in self.paths)


@dataclass(frozen=True, slots=True)
class Settings:
    """What `scan` is told; the defaults are for a file of which nothing is known.

    detectors: ids or families; None: all that are on by default. without: ids or families to leave out.
    min_confidence: 0 to 1; findings below are not told; min_confidence_of: the same by the id of a detector.
    public_ip: tell public addresses (ip-address), which are in every log.
    custom: detectors of one's own, always on. allow: what is never told.
    normalise: find as well what is hidden by characters that look alike or are not seen, by separators between digits,
    and by one layer of base64, hex or URL encoding. ocr: read letters as the digits that look like them, in numbers
    that pass their check then. Both are of `scan`, and of streams by `stream_scanner`.
    engine: auto takes Hyperscan where it can be loaded; `re` is slow and finds the same.
    cache: folder for compiled databases; None: `sightglass-detect` in the user's folder of caches.
    """

    detectors: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    min_confidence: float = 0.5
    min_confidence_of: Mapping[str, float] = field(default_factory=dict[str, float], hash=False)
    public_ip: bool = False
    custom: tuple[Detector, ...] = ()
    allow: AllowList = AllowList()
    normalise: bool = False
    ocr: bool = False
    engine: Engine = "auto"
    cache: Path | None = None

    def chosen(self, shipped: Sequence[Detector]) -> list[Detector]:
        """The detectors to run, in their order; those of one's own last. Raises UnknownDetector."""
        names = {name for detector in shipped for name in (detector.id, detector.family)}
        unknown = ((self.detectors or frozenset()) | self.without | self.min_confidence_of.keys()) - names
        unknown -= {detector.id for detector in self.custom}
        if unknown:
            raise UnknownDetector(unknown, names)
        return [*(detector for detector in shipped if self._wants(detector)), *self.custom]

    def floor(self, detector: str) -> float:
        """The confidence below which findings of a detector are not told."""
        return self.min_confidence_of.get(detector, self.min_confidence)

    def _wants(self, detector: Detector) -> bool:
        named = {detector.id, detector.family}
        if named & self.without:
            return False
        if self.detectors is not None:
            return bool(named & self.detectors)
        return detector.on or (detector.id == "ip-address" and self.public_ip)
