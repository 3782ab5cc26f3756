"""A film as a document: the lines of its scenes, with their times and places, and without its values."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.scanner.test_screen_lines import SECOND, at

from sightglass_detect import Settings
from sightglass_scanner.documents.whole import Unfit
from sightglass_scanner.films.queries import SceneRow
from sightglass_scanner.films.redacting import Film, Seen, redacted_film
from sightglass_scanner.screen.lines import ScreenText, Span

CARD = "4539 5787 6362 1486"
SETTINGS = Settings(ocr=True, normalise=True)


def scene(
    number: int, start: float, end: float, motion: str | None = None, *labels: str, mean: float = 0.1
) -> SceneRow:
    return SceneRow(number, int(start * SECOND), int(end * SECOND), motion, mean if motion else None, list(labels))


def film(scenes: Sequence[SceneRow], *texts: ScreenText, filename: str = "clip.mp4", most: int = 10_000) -> Film:
    return redacted_film(Seen(filename, scenes, texts), SETTINGS, {"kind": "video"}, most)


def told(found: Film) -> list[str]:
    return [str(passage.text) for passage in found.passages]


def places(found: Film) -> list[dict[str, Any]]:
    return [dict(passage.place) for passage in found.passages]


def test_each_line_of_a_scene_is_a_passage_with_its_time_and_box() -> None:
    found = film(
        [scene(0, 0, 5), scene(1, 5, 9)],
        at(0, "Opening hours", 0.1, 0.2, width=0.3, seen=(1, 4)),
        at(1, "Nine to five", 0.1, 0.4, width=0.25, seen=(5, 8)),
    )
    assert told(found) == ["Opening hours", "Nine to five"]
    assert places(found) == [
        {"kind": "video", "scene": 0, "start_us": 1 * SECOND, "end_us": 4 * SECOND, "box": [0.1, 0.2, 0.3, 0.04]},
        {"kind": "video", "scene": 1, "start_us": 5 * SECOND, "end_us": 8 * SECOND, "box": [0.1, 0.4, 0.25, 0.04]},
    ]


def test_a_text_that_stays_is_in_each_scene_for_as_long_as_it_stands_there() -> None:
    found = film([scene(0, 0, 5), scene(1, 5, 9)], at(0, "Lighthouse News", 0.1, 0.2, width=0.3, seen=(2, 7)))
    assert [(place["start_us"] // SECOND, place["end_us"] // SECOND) for place in places(found)] == [(2, 5), (5, 7)]


def test_a_stay_that_reaches_into_a_scene_by_less_than_it_is_known_is_not_of_it() -> None:
    found = film([scene(0, 0, 5), scene(1, 5, 9)], at(0, "Lighthouse News", 0.1, 0.2, width=0.3, seen=(2, 5.1)))
    assert [place["scene"] for place in places(found)] == [0]


def test_lines_come_as_they_appear_then_from_the_top() -> None:
    found = film(
        [scene(0, 0, 9)],
        at(0, "third", 0.1, 0.1, width=0.1, seen=(2, 9)),
        at(1, "second", 0.1, 0.6, width=0.1, seen=(0, 9)),
        at(2, "first", 0.1, 0.3, width=0.1, seen=(0, 9)),
    )
    assert told(found) == ["first", "second", "third"]


def test_of_a_line_only_what_a_scene_shows_is_in_it() -> None:
    found = film(
        [scene(0, 0, 5), scene(1, 5, 9)],
        at(0, "Pressure", 0.1, 0.2, width=0.1, seen=(0, 9)),
        at(1, "20 bar", 0.21, 0.2, width=0.1, seen=(0, 5)),
        at(2, "50 bar", 0.21, 0.2, width=0.1, seen=(5, 9)),
    )
    assert told(found) == ["Pressure 20 bar", "Pressure 50 bar"]


def test_labels_and_motion_are_said_of_the_whole_scene() -> None:
    found = film([scene(0, 0, 5, "camera", "person", "boat", mean=0.4), scene(1, 5, 9, "still")])
    assert told(found) == ["Shows person, boat.", "The camera moves. There is much motion.", "Nothing moves."]
    assert places(found)[0] == {"kind": "video", "scene": 0, "start_us": 0, "end_us": 5 * SECOND}


def test_a_value_in_four_boxes_is_one_token_and_the_same_wherever_it_is_shown() -> None:
    parts = [at(i, part, 0.1 + 0.07 * i, 0.2, width=0.05, seen=(0, 5)) for i, part in enumerate(CARD.split())]
    found = film([scene(0, 0, 5), scene(1, 5, 9)], *parts, at(4, f"Card {CARD}", 0.1, 0.2, width=0.4, seen=(5, 9)))
    assert told(found) == ["[PAYMENT_CARD#1]", "Card [PAYMENT_CARD#1]"]
    assert found.redactions == 2


def test_what_is_left_of_a_value_in_a_later_scene_is_replaced_too() -> None:
    parts = [
        at(i, part, 0.1 + 0.07 * i, 0.2, width=0.05, seen=(0, 9 if i < 3 else 5)) for i, part in enumerate(CARD.split())
    ]
    found = film([scene(0, 0, 5), scene(1, 5, 9)], *parts)
    assert told(found)[0] == "[PAYMENT_CARD#1]"
    assert not re.search(r"\d{4}", told(found)[1])


def test_a_value_that_goes_on_in_the_next_line_takes_both_with_it() -> None:
    found = film(
        [scene(0, 0, 5)],
        at(0, "Pay with 45395787", 0.1, 0.2, width=0.4, seen=(0, 5)),
        at(1, "63621486 until noon", 0.1, 0.26, width=0.4, seen=(1, 5)),
    )
    assert told(found) == ["Pay with [PAYMENT_CARD#1] until noon"]
    assert places(found)[0]["box"] == [0.1, 0.2, 0.4, 0.1]
    assert (places(found)[0]["start_us"], places(found)[0]["end_us"]) == (0, 5 * SECOND)


def test_a_value_of_the_screen_is_replaced_in_the_file_name_and_that_of_the_name_on_the_screen() -> None:
    found = film([scene(0, 0, 5)], at(0, "ann.lee@example.com", 0.1, 0.2, width=0.4, seen=(0, 5)),
                 filename="for ann.lee@example.com.mp4")  # fmt: skip
    assert str(found.title) == "for [EMAIL#1].mp4"
    assert told(found) == ["[EMAIL#1]"]


def test_a_number_that_was_misread_is_replaced_when_it_passes_its_check() -> None:
    found = film([scene(0, 0, 5)], at(0, "Card 4539 5787 6362 l486", 0.1, 0.2, width=0.4, seen=(0, 5)))
    assert told(found) == ["Card [PAYMENT_CARD#1]"]


def test_a_label_that_is_a_value_is_replaced() -> None:
    assert told(film([scene(0, 0, 5, None, "ann.lee@example.com")])) == ["Shows [EMAIL#1]."]


def test_more_text_than_a_document_may_have_is_refused() -> None:
    with pytest.raises(Unfit, match="too_large"):
        film([scene(0, 0, 5)], at(0, "a b c", 0.1, 0.2, width=0.4, seen=(0, 5)), most=4)


BORDERS = st.lists(st.integers(1, 18), unique=True, max_size=4).map(sorted)


@given(borders=BORDERS, below=st.booleans(), cuts=st.lists(st.integers(1, 8), unique=True, max_size=3).map(sorted),
       ends=st.lists(st.integers(5, 9), min_size=5, max_size=5))  # fmt: skip
def test_no_part_of_a_card_is_told_however_it_is_parted_over_boxes_and_scenes(
    borders: list[int], cuts: list[int], ends: list[int], *, below: bool
) -> None:
    """Beside each other parts stand as long as they stand; below each other, for as long as the first."""
    edges = [0, *borders, len(CARD)]
    parts = [part for a, b in pairwise(edges) if (part := CARD[a:b].strip())]
    texts: list[ScreenText] = []
    x = 0.1
    for i, part in enumerate(parts):
        texts.append(ScreenText(i, part, [Span(0, ends[i] * SECOND, (x, 0.2, 0.01 * len(part), 0.04))]))
        x += 0.01 * len(part) + 0.01
    if below:
        texts.append(at(9, f"card {CARD[:9]}", 0.1, 0.5, width=0.3, seen=(0, 9)))
        texts.append(at(10, f"{CARD[10:]} is the one", 0.1, 0.56, width=0.3, seen=(0, 9)))
    times = [0, *cuts, 9]
    scenes = [scene(i, a, b) for i, (a, b) in enumerate(pairwise(times))]
    assert not re.search(r"\d", "\n".join(re.sub(r"#\d+\]", "]", line) for line in told(film(scenes, *texts))))
