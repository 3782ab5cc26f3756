"""Sensitive data in the text of an image: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sightglass_detect import Settings
from sightglass_scanner.results import FindingRow
from sightglass_scanner.screen.detecting import found_in_texts
from sightglass_scanner.screen.lines import ScreenText, Span
from sightglass_scanner.sealing import Place

# The place that a finding's id is made of: where its boxes are may change with the engine.
_IN_IMAGE: Final = {"kind": "image"}


def found_in_image(
    lines: Sequence[Mapping[str, Any]], *, place: Place, key: bytes, settings: Settings
) -> list[FindingRow]:
    """What is sensitive in what an image says. lines: `{"text", "box"}` each. At most MOST_FINDINGS."""
    texts = [
        ScreenText(number, line["text"], [Span(0, 1, (x, y, width, height))])
        for number, line in enumerate(lines)
        for x, y, width, height in [line["box"]]
    ]
    seen = found_in_texts(texts, on=_IN_IMAGE, place=place, key=key, settings=settings)
    return [replace(one.row, locator=_locator(one.spans)) for one in seen]


def _locator(spans: Sequence[Span]) -> dict[str, Any]:
    return {**_IN_IMAGE, "box": [round(part, 6) for part in spans[0].box], "times": len(spans)}
