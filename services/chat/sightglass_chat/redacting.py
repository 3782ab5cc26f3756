"""The second net: what comes from the scanner is redacted already, and is looked through once more before its use."""

from collections.abc import Sequence
from typing import Final

from sightglass_detect import Finding, Redacted, Settings, redact, scan

_SETTINGS: Final = Settings(normalise=True)


def values_in(text: str) -> list[Finding]:
    """What is sensitive in a text as it stands."""
    return list(scan(text, settings=_SETTINGS))


def redacted(text: str, findings: Sequence[Finding] | None = None) -> Redacted:
    """A text of which nothing sensitive is left that the engine finds in it. findings: `values_in` it, if known."""
    return redact(text, values_in(text) if findings is None else findings)
