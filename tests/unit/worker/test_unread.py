"""When and where nobody has read what a screen showed: never less than that, however much there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.screen.looks import Change, ScreenLook
from sightglass_worker.domain.texts.coverage import CoverageMeter
from sightglass_worker.domain.texts.places import covered
from sightglass_worker.domain.texts.unread import Unread, UnreadPlaces

TOP, BOTTOM, WHOLE = Box(0, 0, 1, 0.25), Box(0, 0.5, 1, 0.25), Box(0, 0, 1, 1)
EIGHTHS = st.integers(0, 7).map(lambda eighths: eighths / 8)
BOXES = st.builds(Box, EIGHTHS, EIGHTHS, EIGHTHS, EIGHTHS)


def test_a_place_is_unread_until_it_is_read() -> None:
    places = UnreadPlaces()
    places.unread(TOP, 5, "failed")
    places.read(BOTTOM, 6)
    places.unread(BOTTOM, 7, "skipped_by_cap")
    assert places.any_now
    places.read(TOP, 9)
    assert places.finish(20) == [Unread(5, 9, TOP, "failed"), Unread(7, 20, BOTTOM, "skipped_by_cap")]
    assert not places.any_now


def test_a_place_inside_of_one_that_is_unread_adds_nothing_and_one_around_it_takes_its_beginning() -> None:
    places = UnreadPlaces()
    places.unread(TOP, 5, "failed")
    places.unread(TOP, 6, "skipped_by_cap")
    places.unread(WHOLE, 8, "skipped_by_cap")
    assert places.finish(20) == [Unread(5, 20, WHOLE, "failed")]


def test_what_was_not_read_may_have_stood_there_since_the_picture_changed() -> None:
    meter = CoverageMeter()
    change = Change(TOP, since_us=100, steady_us=900)
    meter.note(ScreenLook(1000, TOP, False, 2, 2, 10, None, (change,), bytes(4)), "failed")
    coverage, unread = meter.finish(3000)
    assert coverage.unread_us == 2000
    assert unread == [Unread(100, 3000, TOP, "failed")]


@given(st.lists(st.tuples(BOXES, st.booleans()), max_size=120))
def test_no_unread_moment_of_a_place_is_forgotten(notes: list[tuple[Box, bool]]) -> None:
    places = UnreadPlaces()
    wanted: list[tuple[Box, int]] = []
    for t_us, (box, read) in enumerate(notes):
        if read:
            places.read(box, t_us)
        else:
            places.unread(box, t_us, "failed")
            wanted.append((box, t_us))
    found = places.finish(len(notes))
    for box, t_us in wanted:
        assert any(u.start_us <= t_us <= u.end_us and covered(box, u.box) for u in found)


@pytest.mark.parametrize("count", [511, 513, 5000])
def test_many_stretches_become_fewer_that_hold_them_all(count: int) -> None:
    places = UnreadPlaces()
    for number in range(count):
        places.unread(TOP if number % 2 else BOTTOM, 10 * number, "failed")
        places.read(WHOLE, 10 * number + 5)
    found = places.finish(10 * count)
    assert len(found) <= 512
    for number in range(count):
        assert any(u.start_us <= 10 * number and 10 * number + 5 <= u.end_us for u in found)


def test_many_places_at_one_time_become_fewer_that_hold_them_all() -> None:
    boxes = [Box(number / 64, 0, 1 / 128, 1) for number in range(64)]
    places = UnreadPlaces()
    for box in boxes:
        places.unread(box, 0, "failed")
    found = places.finish(10)
    assert len(found) <= 16
    assert all(any(covered(box, u.box) for u in found) for box in boxes)
