"""Places in objects, in words."""

from typing import Any

import pytest

from sightglass_client.places import place_of


@pytest.mark.parametrize(
    ("locator", "words"),
    [
        ({"kind": "text", "line": 3, "column": 55}, "line 3, column 55"),
        ({"line": 7}, "line 7"),
        ({"kind": "cell", "sheet": "Budget", "row": 2, "cell": "B2"}, "Budget!B2"),
        ({"kind": "page", "page": 2, "line": None}, "page 2"),
        ({"kind": "header", "header": "Subject", "part": "0"}, "header Subject"),
        ({"kind": "screen", "start_us": 1_500_000}, "1.500 s"),
        ({"kind": "video", "start_us": 12_400_000, "end_us": 18_000_000}, "0:12-0:18"),
        ({"kind": "video", "start_us": 59_999_999, "end_us": 3_612_000_000}, "0:59-1:00:12"),
        ({"kind": "image", "box": [0.25, 0.5, 0.1, 0.1]}, "25 % from the left, 50 % from the top"),
        ({"member": "a.txt", "line": 1, "column": 2}, "a.txt: line 1, column 2"),
        ({}, ""),
    ],
)
def test_a_place_is_told_by_what_its_format_counts(locator: dict[str, Any], words: str) -> None:
    assert place_of(locator) == words


@pytest.mark.parametrize(
    ("locator", "words"),
    [
        ({"line": {"from": 3, "to": 9}, "column": 1}, "lines 3-9"),
        ({"page": {"from": 1, "to": 2}, "line": {"from": 8, "to": 3}}, "pages 1-2, lines 8-3"),
        ({"page": 4, "line": {"from": 8, "to": 12}}, "page 4, lines 8-12"),
        ({"sheet": "Rates", "cell": {"from": "A2", "to": "A9"}}, "Rates!A2-A9"),
        ({"line": 12, "column": 1, "heading": ["Trains", "Refunds"]}, "line 12, column 1, Trains > Refunds"),
        ({"heading": ["Trains"]}, "Trains"),
    ],
)
def test_a_place_that_goes_on_is_told_from_where_to_where(locator: dict[str, Any], words: str) -> None:
    assert place_of(locator) == words
