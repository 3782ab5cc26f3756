"""Numbers in which a machine that read them may have taken digits for letters."""

import re
from collections.abc import Iterator
from typing import Final

from sightglass_detect.views import Part, View

_LIKE: Final = b"OoIlSB"
_MEANT: Final = bytes.maketrans(_LIKE, b"001158")
# A number in groups of digits and such letters; or a group of more digits than letters, as an IBAN has.
_NUMBER: Final = re.compile(
    rb"(?<![0-9A-Za-z])(?:[0-9OoIlSB](?:[ .-]?[0-9OoIlSB]){6,30}|[0-9A-Za-z]{3,34})(?![0-9A-Za-z])"
)
_LETTERS: Final = re.compile(rb"[A-Za-z]")
_DIGITS: Final = re.compile(rb"[0-9]")


def reread(data: bytes) -> Iterator[View]:
    """The text with digits for letters that look like them, in what looks like a number; none when there is none."""
    parts: list[Part] = []
    at = 0
    for match in _NUMBER.finditer(data):
        meant = match[0].translate(_MEANT)
        if meant == match[0] or len(_LETTERS.findall(match[0])) >= len(_DIGITS.findall(match[0])):
            continue
        start, end = match.span()
        parts += (Part(data[at:start], at, start), Part(meant, start, end))
        at = end
    if parts:
        parts.append(Part(data[at:], at, len(data)))
        yield View([part for part in parts if part.data], doubtful=True)
