"""Which texts a frame may show."""

from dataclasses import dataclass

import pytest

from sightglass_worker.labels.provider import Box
from sightglass_worker.labels.showing import boxes_at

HERE: Box = (0.1, 0.1, 0.2, 0.1)
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
    assert boxes_at(t_us, [Text(1_000_000, 2_000_000, HERE), Text(2_800_000, 3_000_000, THERE)], []) == expected


@pytest.mark.parametrize(("t_us", "known"), [(599_999, True), (600_000, False), (2_400_000, False), (2_400_001, True)])
def test_of_a_frame_near_what_was_not_read_nothing_is_known(t_us: int, *, known: bool) -> None:
    assert (boxes_at(t_us, [Text(0, 5_000_000, HERE)], [(1_000_000, 2_000_000)]) is not None) is known
