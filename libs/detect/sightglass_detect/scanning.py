"""`scan`: what most users need."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate
from typing import Final

from sightglass_detect import catalogue
from sightglass_detect.blocks import BlockScanner
from sightglass_detect.detector import Detector
from sightglass_detect.engine.engine import Engine, Look, Passage
from sightglass_detect.engine.matcher import EverywhereMatcher, Matcher
from sightglass_detect.engine.rules import Rule, rules_of
from sightglass_detect.finding import Finding
from sightglass_detect.nested import Keys, nested
from sightglass_detect.normalise import normalised
from sightglass_detect.ocr import reread
from sightglass_detect.offsets import encode, in_characters
from sightglass_detect.settings import Settings
from sightglass_detect.shared import Chosen, of_all
from sightglass_detect.views import View, merged

_DEFAULT = Settings()
# Keys above values are looked for in texts up to this: in all that is longer it would cost as much as the rest.
_DOCUMENT_BYTES: Final = 256 * 1024


def detectors() -> tuple[Detector, ...]:
    """All detectors that are shipped."""
    return catalogue.shipped()


def scan(
    data: bytes | str,
    *,
    settings: Settings = _DEFAULT,
    labels: Sequence[str] = (),
    named: Collection[str] = (),
    path: str | None = None,
    shared: bool = False,
) -> list[Finding]:
    """Find what is sensitive. Offsets are into what was given: bytes, or characters of a str.

    labels: what names all of `data`, such as the header of the column or the path of keys that it stands under.
    named: ids of detectors that all of `data` is known to be of, such as a column's by `ColumnEvidence`.
    path: where it was read from, for the paths that are allowed to hold anything.
    shared: for settings that differ from call to call: one engine serves all choices of detectors, and no databases are
    made for this one. It is slower.

    Raises what `engine_for` raises.
    """
    if path is not None and settings.allow.allows_path(path):
        return []
    plain = _plain(settings)
    engine = Chosen(engine_for(of_all(plain)), plain) if shared else engine_for(plain)
    encoded = data if isinstance(data, bytes) else encode(data)
    found = _found(engine, Passage(encoded, encode("\n".join(labels)), named), settings)
    return found if len(encoded) == len(data) else in_characters(found, encoded)


def scan_each(passages: Sequence[Passage], *, settings: Settings = _DEFAULT) -> list[list[Finding]]:
    """What `scan` finds in each of some bytes: of many short ones, ten times as fast.

    Raises what `engine_for` raises.
    """
    return [look.findings for look in look_each(passages, settings=settings)]


def look_each(passages: Sequence[Passage], *, settings: Settings = _DEFAULT) -> list[Look]:
    """What `scan_each` finds, and whether parts of it are worth a look of their own.

    Raises what `engine_for` raises.
    """
    engine = engine_for(settings)
    if settings.normalise or settings.ocr:
        return [Look(_found(engine, passage, settings), matched=True) for passage in passages]
    views = [[*_views(passage.data, settings)] for passage in passages]
    seen = iter(engine.scan_each([Passage(view.data, view.labels) for some in views for view in some]))
    looks: list[Look] = []
    for look, some in zip(engine.look_each(passages), views, strict=True):
        under_keys = [f for view in some for finding in next(seen) if (f := view.placed(finding)) is not None]
        looks.append(Look(merged(engine, [*look.findings, *under_keys]), look.matched) if under_keys else look)
    return looks


def scan_nested(data: bytes, *, settings: Settings = _DEFAULT) -> list[Finding]:
    """What is found of values by the keys that they stand under, in JSON, YAML, TOML or INI; see `nested`.

    `scan` does it for short texts by itself.
    """
    engine = engine_for(settings)
    found = [*_in_views(engine, nested(data, _keys(settings.custom)))]
    return merged(engine, found) if found else found


def block_scanner(*, settings: Settings = _DEFAULT, labels: Sequence[str] = ()) -> BlockScanner:
    """Take a stream of bytes, piece by piece. labels: as of `scan`."""
    return BlockScanner(engine_for(settings), labels=encode("\n".join(labels)))


def _found(engine: Engine | Chosen, passage: Passage, settings: Settings) -> list[Finding]:
    data = passage.data
    found = engine.scan(data, passage.labels, passage.named)
    views = [*_views(data, settings)]
    if views:
        found = merged(engine, [*found, *_in_views(engine, views)])
    if settings.ocr:
        found = sorted([*found, *_guessed(engine, data, settings, found)])
    return found


def _views(data: bytes, settings: Settings) -> Iterator[View]:
    if len(data) <= _DOCUMENT_BYTES:
        yield from nested(data, _keys(settings.custom))
    if settings.normalise:
        yield from normalised(data)


def _guessed(engine: Engine | Chosen, data: bytes, settings: Settings, found: Sequence[Finding]) -> list[Finding]:
    """What is found besides in numbers that may have been misread."""
    ends = [0, *accumulate((f.end for f in found), max)]
    starts = [f.start for f in found]
    return [
        f
        for f in merged(engine, _in_views(engine, reread(data)))
        if f.confidence >= settings.floor(f.detector) and ends[bisect_left(starts, f.end)] <= f.start
    ]


def _in_views(engine: Engine | Chosen, views: Iterable[View]) -> Iterator[Finding]:
    for view in views:
        for finding in engine.scan(view.data, view.labels):
            placed = view.placed(finding)
            if placed is not None:
                yield placed


def _plain(settings: Settings) -> Settings:
    """Without the modes, which are none of an engine's."""
    return replace(settings, normalise=False, ocr=False) if settings.normalise or settings.ocr else settings


@lru_cache(maxsize=64)
def _keys(custom: tuple[Detector, ...]) -> Keys:
    return Keys(word for detector in (*catalogue.shipped(), *custom) for word in detector.context)


@lru_cache(maxsize=64)
def engine_for(settings: Settings) -> Engine:
    """The engine for some settings; made once. Raises UnknownDetector, UnusablePattern, and ImportError for Hyperscan
    where it is asked for and cannot be loaded."""
    if settings.normalise or settings.ocr:
        return engine_for(_plain(settings))
    chosen = settings.chosen(catalogue.shipped())
    rules = rules_of(chosen, {detector.id: settings.floor(detector.id) for detector in chosen})
    return Engine(rules, _matcher(rules, settings), settings.allow)


def _matcher(rules: Sequence[Rule], settings: Settings) -> Matcher:
    if settings.engine == "re" or (settings.engine == "auto" and find_spec("hyperscan") is None):
        return EverywhereMatcher(rules)
    return import_module("sightglass_detect.engine.hyperscan_matcher").HyperscanMatcher(rules, settings.cache)
