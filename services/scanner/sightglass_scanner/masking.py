"""What of a value may be stored for people to see: pure."""

import re
from functools import cache
from typing import Final

from sightglass_detect import detectors, masked

_MOST_CHARS: Final = 64
# Postgres keeps no NUL, and half a character has no UTF-8.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def shown(value: str, detector: str) -> str:
    """A value as its detector lets it be shown, on one line; of a long one its end."""
    mask = masked(value, _shown_of().get(detector, 0))
    return storable("".join(sign if sign.isprintable() else " " for sign in mask)[-_MOST_CHARS:])


def storable(text: str) -> str:
    """The text, with a sign in place of what no database takes."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


@cache
def _shown_of() -> dict[str, int]:
    return {detector.id: detector.shown for detector in detectors()}
