"""What is looked for in documents, and how that is noted with them."""

from typing import Final

from sightglass_common.errors import UnknownDetectors
from sightglass_common.redaction_queries import Rules
from sightglass_detect import Settings, UnusablePattern, described_settings
from sightglass_scanner.documents.queries import Detectors
from sightglass_scanner.ways import way_of

_LEAST_CONFIDENCE: Final = 0.5


def detection(rules: Rules, *, ocr: bool) -> tuple[Settings, Detectors]:
    """What is looked for, and how that is noted. ocr: a machine has read the text, as it is with videos.

    Raises UnknownDetectors for one that this engine cannot run.
    """
    described = {**rules.described, "ocr": ocr}
    try:
        settings = described_settings(described, detectors=None, min_confidence=_LEAST_CONFIDENCE)
    except UnusablePattern as error:
        raise UnknownDetectors(str(error)) from error
    version = way_of(settings, b"", media=False)
    return settings, Detectors(version.hex(), settings.min_confidence, rules.name)
