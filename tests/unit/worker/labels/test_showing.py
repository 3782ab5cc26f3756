"""Which texts a frame may show."""

from dataclasses import dataclass

import pytest

from sightglass_worker.domain import box as domain
from sightglass_worker.domain.texts.unread import Unread
from sightglass_worker.labels.provider import Box
from sightglass_worker.labels.showing import boxes_at, withheld_at

HERE: Box = (0.1, 0.1, 0.2, 0.1)
DOT = domain.Box(0.1, 0.1, 0.01, 0.01)
THERE: Box = (0.5, 0.5, 0.2, 0.1)


@dataclass(frozen=True, slots=True)
class Text:
    start_us: int
    end_us: int
    box: Box


@pytest.mark.parametrize(
    ("t_us", "expected"),
    [
        (599_999, []), (600_000, [HERE]), (1_500_000, [HERE]), (2_400_000, [HERE, THERE]), (2_400_001, [THERE]),
        (3_400_000, [THERE]), (3_400_001, []),
    ],
)  # fmt: skip
def test_what_is_read_shortly_before_or_after_a_frame_may_be_in_it(t_us: int, expected: list[Box]) -> None:
    assert boxes_at(t_us, [Text(1_000_000, 2_000_000, HERE), Text(2_800_000, 3_000_000, THERE)]) == expected


@pytest.mark.parametrize(
    ("t_us", "reason"),
    [
        (599_999, None),
        (600_000, "text_failed"),
        (2_400_000, "text_failed"),
        (2_400_001, None),
        (9_000_000, "text_capped"),
    ],
)
def test_a_frame_near_what_was_not_read_is_withheld(t_us: int, reason: str | None) -> None:
    unread = [Unread(1_000_000, 2_000_000, DOT, "failed"), Unread(9_000_000, 9_000_000, DOT, "skipped_by_cap")]
    assert withheld_at(t_us, unread) == reason


def test_a_film_in_which_no_text_was_looked_for_is_withheld_and_one_that_was_read_is_not() -> None:
    assert (withheld_at(0, None), withheld_at(0, [])) == ("text_not_looked_for", None)
