"""What was found, written as a table, as JSON Lines, or as SARIF 2.1.0."""

import json
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from sightglass_detect.cli.files import Place
from sightglass_detect.detector import Detector
from sightglass_detect.finding import Severity

Writer = Callable[[Iterable[Place], Iterable[Detector]], Iterator[str]]

_SARIF_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}


def table(places: Iterable[Place], _: Iterable[Detector]) -> Iterator[str]:
    """A line for each finding, as compilers print them, so that editors can jump there."""
    for place in places:
        found = place.finding
        where = f"{place.path}:{place.start.line}:{place.start.column}"
        yield f"{where}: {found.detector} {found.severity} {found.confidence:.2f} {_one_line(place.value)}\n"


def json_lines(places: Iterable[Place], _: Iterable[Detector]) -> Iterator[str]:
    """An object for each finding. start, end: offsets in bytes."""
    for place in places:
        found = place.finding
        told = {
            "path": place.path,
            "line": place.start.line,
            "column": place.start.column,
            "end_line": place.end.line,
            "end_column": place.end.column,
            "start": found.start,
            "end": found.end,
            "detector": found.detector,
            "severity": str(found.severity),
            "confidence": found.confidence,
            "checked": found.checked,
            "context": found.context,
            "value": place.value,
            "detail": found.detail,
        }
        yield json.dumps(told) + "\n"


def sarif(places: Iterable[Place], detectors: Iterable[Detector]) -> Iterator[str]:
    """One log with one run, in pieces, so that a long one is never held. Its columns count characters."""
    rules = {detector.id: number for number, detector in enumerate(detectors)}
    driver = {
        "name": "sightglass-detect",
        "version": import_module("importlib.metadata").version("sightglass-detect"),
        "rules": [_rule(detector) for detector in detectors],
    }
    log = json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": []})
    run = json.dumps({"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": []})
    yield log.removesuffix("]}") + run.removesuffix("]}")
    separator = "\n"
    for place in places:
        yield separator + json.dumps(_result(place, rules))
        separator = ",\n"
    yield "\n]}]}\n"


def _rule(detector: Detector) -> dict[str, Any]:
    return {
        "id": detector.id,
        "shortDescription": {"text": detector.title},
        "defaultConfiguration": {"level": _LEVELS[detector.severity]},
        "properties": {"family": detector.family, "tags": ["security", detector.family]},
    }


def _result(place: Place, rules: dict[str, int]) -> dict[str, Any]:
    found = place.finding
    region = {
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
        "byteOffset": found.start,
        "byteLength": found.end - found.start,
    }
    location = {"artifactLocation": {"uri": quote(PurePath(place.path).as_posix())}, "region": region}
    return {
        "ruleId": found.detector,
        "ruleIndex": rules[found.detector],
        "level": _LEVELS[found.severity],
        "message": {"text": f"{found.detector}: {place.value}"},
        "locations": [{"physicalLocation": location}],
        "properties": {"confidence": found.confidence},
    }


def _one_line(value: str) -> str:
    return " ".join(value.split()) if len(value) <= 60 else f"{' '.join(value[:57].split())}..."


WRITERS: Final[dict[str, Writer]] = {"table": table, "jsonl": json_lines, "sarif": sarif}
