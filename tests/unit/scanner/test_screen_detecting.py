"""Sensitive data in the texts of a video."""

from uuid import UUID

import pytest
from tests.unit.scanner.test_screen_lines import SECOND, at

from sightglass_detect import Settings
from sightglass_scanner.screen.detecting import Seen, found_on_screen
from sightglass_scanner.screen.lines import ScreenText
from sightglass_scanner.sealing import Place

PLACE = Place(UUID(int=1), "films", "a.mp4", "v1")
VIDEO = UUID(int=2)


def found(*texts: ScreenText, place: Place = PLACE) -> list[Seen]:
    return found_on_screen(texts, place=place, video_id=VIDEO, key=b"k" * 32, settings=Settings())


def test_a_value_is_found_with_the_time_and_the_part_of_the_line_that_it_takes() -> None:
    (seen,) = found(at(0, "Mail: ann.lee@example.com", 0.1, 0.2, width=0.5, seen=(3, 7)))
    assert (seen.row.detector, seen.row.masked) == ("email", "***.***@******e.com")
    assert [(span.start_us, span.end_us) for span in seen.spans] == [(3 * SECOND, 7 * SECOND)]
    assert seen.spans[0].box == pytest.approx((0.22, 0.2, 0.38, 0.04))
    assert seen.row.locator == {
        "kind": "screen", "video_id": str(VIDEO), "start_us": 3 * SECOND, "end_us": 7 * SECOND,
        "box": [0.22, 0.2, 0.38, 0.04], "times": 1,
    }  # fmt: skip


def test_a_card_read_in_four_boxes_is_one_finding_around_them_all() -> None:
    parts = ["4539", "5787", "6362", "1486"]
    (seen,) = found(*(at(i, part, 0.1 + 0.07 * i, 0.2, width=0.05) for i, part in enumerate(parts)))
    assert seen.row.detector == "payment-card"
    assert seen.spans[0].box == pytest.approx((0.1, 0.2, 0.26, 0.04))


def test_numbers_of_different_columns_are_no_card() -> None:
    parts = ["4539 5787", "6362 1486"]
    assert found(*(at(i, part, 0.1 + 0.5 * i, 0.2) for i, part in enumerate(parts))) == []


@pytest.mark.parametrize("label", [at(1, "Social security number", 0.1, 0.2), at(1, "SSN", 0.1, 0.26)])
def test_a_weak_number_is_one_beneath_or_beside_the_word_for_it(label: ScreenText) -> None:
    x = 0.1 if label.spans[0].box[1] == 0.2 else 0.4
    number = at(0, "536904399", x, 0.26)
    assert [seen.row.detector for seen in found(number, label)] == ["us-ssn"]
    assert found(number) == []


def test_a_value_that_is_seen_again_is_the_same_finding_with_each_time() -> None:
    (seen,) = found(
        at(0, "ann.lee@example.com", 0.1, 0.2, seen=(20, 25)),
        at(1, "Write to ann.lee@example.com", 0.3, 0.6, seen=(1, 4)),
    )
    assert [(span.start_us // SECOND, span.end_us // SECOND) for span in seen.spans] == [(1, 4), (20, 25)]
    assert seen.row.locator["times"] == 2


def test_another_analysis_of_the_object_finds_the_same_finding_and_another_object_another() -> None:
    (one,) = found(at(0, "ann.lee@example.com", 0.1, 0.2))
    (later,) = found(at(7, "ann.lee@example.com", 0.11, 0.2, seen=(1, 9)))
    (other,) = found(at(0, "ann.lee@example.com", 0.1, 0.2), place=Place(UUID(int=1), "films", "b.mp4", "v1"))
    assert one.row.finding_id == later.row.finding_id != other.row.finding_id


def test_no_finding_holds_its_value() -> None:
    (seen,) = found(at(0, "ssn 536-90-4399", 0.1, 0.2))
    assert "536-90" not in repr(seen)
    assert "53690" not in repr(seen)
