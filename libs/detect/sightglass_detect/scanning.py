"""`scan`: what most users need."""

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from sightglass_detect import catalogue
from sightglass_detect.blocks import BLOCK_BYTES, BlockScanner
from sightglass_detect.detector import Detector
from sightglass_detect.engine.engine import Engine
from sightglass_detect.engine.matcher import EverywhereMatcher, Matcher
from sightglass_detect.engine.rules import Rule, rules_of
from sightglass_detect.finding import Finding
from sightglass_detect.offsets import encode, in_characters
from sightglass_detect.settings import Settings

_DEFAULT = Settings()


def detectors() -> tuple[Detector, ...]:
    """All detectors that are shipped."""
    return catalogue.shipped()


def scan(data: bytes | str, *, settings: Settings = _DEFAULT) -> list[Finding]:
    """Find what is sensitive. Offsets are into what was given: bytes, or characters of a str."""
    encoded = data if isinstance(data, bytes) else encode(data)
    found = _scanned(engine_for(settings), encoded)
    return found if len(encoded) == len(data) else in_characters(found, encoded)


def block_scanner(*, settings: Settings = _DEFAULT) -> BlockScanner:
    """Take a stream of bytes, piece by piece."""
    return BlockScanner(engine_for(settings))


def _scanned(engine: Engine, data: bytes) -> list[Finding]:
    if len(data) <= 2 * BLOCK_BYTES:
        return engine.scan(data)
    scanner = BlockScanner(engine)
    found = [f for at in range(0, len(data), BLOCK_BYTES) for f in scanner.feed(data[at : at + BLOCK_BYTES])]
    return [*found, *scanner.finish()]


@lru_cache(maxsize=64)
def engine_for(settings: Settings) -> Engine:
    """The engine for some settings; made once. Raises UnknownDetector, UnusablePattern, and ImportError for Hyperscan
    where it is asked for and cannot be loaded."""
    chosen = settings.chosen(catalogue.shipped())
    rules = rules_of(chosen, {detector.id: settings.floor(detector.id) for detector in chosen})
    return Engine(rules, _matcher(rules, settings))


def _matcher(rules: Sequence[Rule], settings: Settings) -> Matcher:
    if settings.engine == "re" or (settings.engine == "auto" and find_spec("hyperscan") is None):
        return EverywhereMatcher(rules)
    return import_module("sightglass_detect.engine.hyperscan_matcher").HyperscanMatcher(rules, settings.cache)
