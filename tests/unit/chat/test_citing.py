"""Where in a video a cited sentence is seen."""

from typing import Any

import pytest

from sightglass_chat.domain.citing import place_of_line, without_lines

IDS = {"kind": "video", "video_id": "v", "analysis_id": "a", "scene": 3}
LINES: list[dict[str, Any]] = [
    {"start_us": 0, "end_us": 9, "box": [0.1, 0.1, 0.2, 0.1]},
    {"start_us": 2, "end_us": 5, "box": [0.2, 0.3, 0.4, 0.1]},
    {"start_us": 0, "end_us": 8},
]
LOCATOR = {**IDS, "start_us": 0, "end_us": 9, "box": [0.1, 0.1, 0.5, 0.3], "lines": LINES}
TEXT = "Opening hours\nNine to five\nNothing moves."
OF = {"video_id": "v", "analysis_id": "a", "scene": 3}


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Opening hours", LINES[0]),
        ("Nine to five", LINES[1]),
        ("Nothing moves.", {"start_us": 0, "end_us": 8}),
        ("hours\nNine", {"start_us": 0, "end_us": 9, "box": [0.1, 0.1, 0.5, 0.3]}),
    ],
)
def test_a_sentence_has_the_time_and_the_box_of_the_lines_that_it_is_of(said: str, place: dict[str, Any]) -> None:
    at = TEXT.find(said)
    assert place_of_line(LOCATOR, TEXT, at, at + len(said)) == {**OF, **place}


def test_without_places_of_lines_it_is_that_of_the_segment() -> None:
    told = {**OF, "start_us": 0, "end_us": 9, "box": [0.1, 0.1, 0.5, 0.3]}
    assert place_of_line(without_lines(LOCATOR), TEXT, 0, 3) == told
    assert place_of_line(LOCATOR, TEXT + "\nmore", 0, 3) == told


def test_what_is_of_no_video_has_no_such_place() -> None:
    assert place_of_line({"kind": "text", "line": 3}, TEXT, 0, 3) == {}
