"""The detectors that are shipped: read once from detectors/*.toml. Any mistake there names file, detector and field."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from sightglass_detect.checks import CHECKS
from sightglass_detect.detector import Detector, Form, Strength
from sightglass_detect.entries import BrokenCatalogue, Entry
from sightglass_detect.finding import Severity
from sightglass_detect.shapes import pattern_of_shape

_NUMBER: Final = (int, float)
_FAMILY: Final = {"family": str, "detector": list, "stop": list, "shown": int}
_VALUE: Final = {"check": str, "odds": _NUMBER, "entropy": _NUMBER}
_DETECTOR: Final = _VALUE | {
    "id": str, "title": str, "severity": str, "form": list, "context": list, "window": list, "stop": list,
    "requires": str, "within_bytes": int, "near": list, "hides": list, "column": bool, "on": bool, "shown": int,
    "finds": list, "ignores": list,
}  # fmt: skip
_FORM: Final = _VALUE | {
    "shape": str, "shapes": list, "pattern": str, "first": str, "strength": str, "literal": str, "core": str,
    "lead": int, "bounded": bool,
}  # fmt: skip


@cache
def shipped() -> tuple[Detector, ...]:
    """All detectors, by the names of their files and in the order in these. Raises BrokenCatalogue."""
    tables = sorted(Path(__file__).with_name("detectors").glob("*.toml"))
    found = tuple(detector for table in tables for detector in _detectors(table))
    ids = [detector.id for detector in found]
    for detector in found:
        if ids.count(detector.id) > 1:
            message = f"{detector.id}: id: another detector has it."
            raise BrokenCatalogue(message)
        for other in (*detector.near, *detector.hides):
            if other not in ids:
                message = f"{detector.id}: near or hides: there is no {other!r}."
                raise BrokenCatalogue(message)
    return found


def _detectors(file: Path) -> list[Detector]:
    try:
        return family_of(tomllib.loads(file.read_text("utf-8")), file.name)
    except tomllib.TOMLDecodeError as error:
        message = f"{file.name}: {error}"
        raise BrokenCatalogue(message) from error


def family_of(table: dict[str, Any], source: str) -> list[Detector]:
    """Make the detectors of one family file, `source`. Raises BrokenCatalogue."""
    family = Entry(table, source).known(_FAMILY, needs=("family", "detector"))
    found: list[Detector] = []
    for given in family["detector"]:
        entry = Entry(given, f"{source}: {given.get('id', 'a detector without id')}")
        found.append(_detector(entry.known(_DETECTOR, needs=("id", "title", "severity", "form")), family))
    return found


def _detector(entry: Entry, family: Entry) -> Detector:
    if any(word != word.lower() for word in entry.get("context", ())):
        entry.refuse("context", "words are lower case")
    given: dict[str, Any] = {
        key: entry[key] for key in _DETECTOR.keys() - _VALUE.keys() - {"form", "severity"} if key in entry
    }
    forms = tuple(form for one in entry["form"] for form in _forms(Entry(one, entry.where).known(_FORM), entry))
    for key in family.keys() & {"stop", "shown"}:
        given.setdefault(key, family[key])
    given.setdefault("column", any(form.odds >= 10 for form in forms))
    return Detector(
        **given,
        family=family["family"],
        severity=entry.one_of("severity", Severity),
        forms=forms,
    )


def _forms(entry: Entry, detector: Entry) -> Iterator[Form]:
    """A form for each shape, or one for the pattern. What stands in the detector holds for forms that don't say."""
    own = "check" in entry
    check = entry["check"] if own else detector.get("check", "")
    if check and check not in CHECKS:
        entry.refuse("check", f"there is no {check!r}")
    if "first" in entry and ("pattern" in entry or not entry["first"].isdecimal()):
        entry.refuse("first", "it is digits, of shapes")
    odds = entry.get("odds", detector.get("odds", 1)) if check and not (own and "odds" not in entry) else 1
    for shape, pattern in _patterns(entry):
        yield Form(
            pattern=pattern,
            strength=entry.one_of("strength", Strength),
            shape=shape,
            first=entry.get("first"),
            check=check or None,
            odds=odds,
            entropy=entry.get("entropy", detector.get("entropy", 0)),
            literal=entry.get("literal"),
            core=entry.get("core"),
            lead=entry.get("lead", 0),
            bounded=entry.get("bounded", True),
        )


def _patterns(entry: Entry) -> list[tuple[str | None, str]]:
    kinds = entry.keys() & {"shape", "shapes", "pattern"}
    if len(kinds) != 1:
        entry.refuse("form", "it has a shape, shapes or a pattern")
    if "pattern" in entry:
        return [(None, entry["pattern"])]
    shapes = entry.get("shapes", (entry.get("shape"),))
    try:
        return [(shape, pattern_of_shape(shape)) for shape in shapes]
    except ValueError as error:
        entry.refuse("shape", str(error))
