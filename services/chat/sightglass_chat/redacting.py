"""The second net: what comes from the scanner is redacted already, and is looked through once more before its use."""

from collections.abc import Sequence
from typing import Final

from sightglass_common.redaction_queries import Rules
from sightglass_detect import Finding, Redacted, Settings, described_settings, redact, scan

# As documents are where a tenant has set nothing: hidden characters and encodings hide nothing.
SHIPPED: Final = Settings(normalise=True)
_LEAST_CONFIDENCE: Final = 0.5


def settings_of(rules: Rules) -> Settings:
    """What the tenant has replaced, apart from what detectors of its own find."""
    return described_settings(rules.described, detectors=None, min_confidence=_LEAST_CONFIDENCE)


def values_in(text: str, settings: Settings = SHIPPED) -> list[Finding]:
    """What is sensitive in a text as it stands."""
    return list(scan(text, settings=settings))


def redacted(text: str, settings: Settings = SHIPPED, findings: Sequence[Finding] | None = None) -> Redacted:
    """A text of which nothing sensitive is left that the engine finds in it. findings: `values_in` it, if known."""
    return redact(text, values_in(text, settings) if findings is None else findings)
