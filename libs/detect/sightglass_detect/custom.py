"""Detectors of one's own: a regular expression, or words, and what makes either likely."""

import re
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from sightglass_detect.detector import Detector, Form, Strength
from sightglass_detect.engine.pattern import UnusablePattern, by_lines, has_repeat_in_repeat, widths
from sightglass_detect.finding import Severity

_FAMILY: Final = "custom"


def custom_detector(
    name: str,
    *,
    pattern: str | None = None,
    words: Sequence[str] = (),
    keywords: Sequence[str] = (),
    within: tuple[int, int] = (50, 30),
    severity: Severity = Severity.MEDIUM,
    stop: Sequence[str] = (),
) -> Detector:
    """A detector for `Settings.custom`.

    name: its id. pattern: regular expression of the value, or with one group that is the value; every repeat is
    bounded, and none of varying length stands in another, so that no text makes it slow; `^` and `$` are the beginning
    and the end of a line. words: values as they are, in
    any case, as whole words; either these or a pattern. keywords: words of which one must stand within so many bytes
    before the value or behind it; none: the value stands for itself. stop: words that no value holds.

    Raises UnusablePattern for what cannot be run.
    """
    if (pattern is None) == (not words):
        message = f"{name}: a detector has either a pattern or words"
        raise UnusablePattern(message)
    written = pattern if pattern is not None else "(?i)(?:" + "|".join(map(re.escape, words)) + ")"
    _tried(written)
    form = Form(by_lines(written), Strength.WEAK if keywords else Strength.STRONG, bounded=pattern is None)
    return Detector(
        name,
        name,
        _FAMILY,
        severity,
        (form,),
        context=tuple(word.lower() for word in keywords),
        window=within,
        stop=tuple(word.lower() for word in stop),
    )


def _tried(pattern: str) -> None:
    widths(pattern)
    if has_repeat_in_repeat(pattern):
        message = f"{pattern!r} has a repeat or a choice within a repeat, which some texts make slow"
        raise UnusablePattern(message)
    if find_spec("hyperscan") is not None:
        databases = import_module("sightglass_detect.engine.databases")
        if why := databases.refusal(pattern):
            message = f"{pattern!r}: {why}"
            raise UnusablePattern(message)
