"""Values that go on in the next line: pure."""

import re
from collections.abc import Iterator
from typing import Final

from sightglass_detect import Finding, Settings, scan
from sightglass_detect.engine.words import BARRIER
from sightglass_detect.views import Part, View

_LINE_END: Final = re.compile(rb"[ \t]*\r?\n[ \t]*")
_SIGNS_BEFORE: Final = re.compile(rb"[0-9A-Za-z@._/+=-]+\Z")
_SIGNS_BEHIND: Final = re.compile(rb"[0-9A-Za-z@._/+=-]+")
_DIGIT: Final = re.compile(rb"[0-9]")
# What may be a part of a value without any digit: of a key, or of encoded text.
_LONG_BYTES: Final = 16
_MOST_BYTES: Final = 80
# What is looked at around such a line end.
_AROUND_BYTES: Final = 200


def over_lines(data: bytes, settings: Settings) -> list[Finding]:
    """What is found where lines are read as if they went on in each other, and passes a check; in places of `data`."""
    view = unwrapped(data, doubtful=True)
    if view is None:
        return []
    placed = (view.placed(finding) for finding in scan(view.data, settings=settings))
    return [one for one in placed if one is not None and b"\n" in data[one.start : one.end]]


def unwrapped(data: bytes, *, doubtful: bool) -> View | None:
    """The surroundings of line ends that may stand within a value, without these; None where there are none."""
    parts: list[Part] = []
    at = None
    for start, end in _line_ends(data):
        first = max(0, start - _AROUND_BYTES)
        if at is None or first > at + _AROUND_BYTES:
            if at is not None:
                parts += _behind(data, at, first)
            at = first
        parts.append(Part(data[at:start], at, start))
        at = end
    if at is None:
        return None
    return View([*parts, *_behind(data, at, len(data))], doubtful=doubtful)


def _behind(data: bytes, at: int, most: int) -> list[Part]:
    end = min(at + _AROUND_BYTES, most)
    return [Part(data[at:end], at, end), Part(BARRIER, end, end)]


def _line_ends(data: bytes) -> Iterator[tuple[int, int]]:
    for match in _LINE_END.finditer(data):
        start, end = match.span()
        before = _SIGNS_BEFORE.search(data, max(0, start - _MOST_BYTES), start)
        behind = _SIGNS_BEHIND.match(data, end, end + _MOST_BYTES)
        if before and behind and _may_be_one(before[0], behind[0]):
            yield start, end


def _may_be_one(before: bytes, behind: bytes) -> bool:
    if b"@" in before or b"@" in behind:
        return True
    return all(_DIGIT.search(part) or len(part) >= _LONG_BYTES for part in (before, behind))
