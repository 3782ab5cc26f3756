"""From places in UTF-8 to places in the text that it was made of."""

from collections.abc import Sequence
from dataclasses import replace

from sightglass_detect.finding import Finding


def encode(text: str) -> bytes:
    """UTF-8; half of a surrogate pair, which has none, as if it had."""
    return text.encode("utf-8", "surrogatepass")


def in_characters(findings: Sequence[Finding], encoded: bytes) -> list[Finding]:
    """The same findings, with offsets that count characters. Goes through `encoded` once."""
    places = sorted({place for f in findings for place in (f.start, f.end)})
    characters: dict[int, int] = {}
    last = count = 0
    for place in places:
        count += len(encoded[last:place].decode("utf-8", "surrogatepass"))
        last, characters[place] = place, count
    return [replace(f, start=characters[f.start], end=characters[f.end]) for f in findings]
