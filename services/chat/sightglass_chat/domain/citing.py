"""Where in a video a sentence of a segment is seen."""

from collections.abc import Mapping
from typing import Any

from sightglass_retrieval.locators import around

_OF_A_VIDEO = ("video_id", "analysis_id", "scene", "start_us", "end_us", "box")


def place_of_line(locator: Mapping[str, Any], text: str, start: int, end: int) -> dict[str, Any]:
    """The video, the times and the box of those lines of a segment that its characters from `start` to `end` are of.

    locator: the segment's. Without places of its lines, they are the segment's own. Empty unless it is of a video.
    """
    if locator.get("kind") != "video":
        return {}
    lines = locator.get("lines") or ()
    if len(lines) != text.count("\n") + 1:
        return {name: locator[name] for name in _OF_A_VIDEO if name in locator}
    said = lines[text.count("\n", 0, start) : text.count("\n", 0, end) + 1]
    place: dict[str, Any] = {name: locator[name] for name in ("video_id", "analysis_id", "scene")}
    place |= {"start_us": min(one["start_us"] for one in said), "end_us": max(one["end_us"] for one in said)}
    if boxes := [one["box"] for one in said if "box" in one]:
        place["box"] = around(boxes)
    return place


def without_lines(locator: Mapping[str, Any]) -> dict[str, Any]:
    """A segment's locator as it is told: of the whole, not of each of its lines."""
    return {name: value for name, value in locator.items() if name != "lines"}
