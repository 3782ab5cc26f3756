"""Which tiles differ, which bands they form, and how far a page was scrolled."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.scrolling import scroll, scrolled
from sightglass_worker.domain.screen.tile_times import TileTimes
from sightglass_worker.domain.screen.tiles import (
    SIDE,
    Rectangle,
    Tiles,
    bands,
    differing,
    enclosing,
    in_samples,
    whole_tiles,
    written,
)


def plain(rows: int, columns: int, value: int = 30) -> Pixels:
    return np.full((rows, columns), value, np.uint8)


def page(seed: int, rows: int, columns: int) -> Pixels:
    """Lines of random strokes, no two alike."""
    random = np.random.default_rng(seed)
    picture = plain(rows, columns)
    for top in range(8, rows - 12, 24):
        picture[top : top + 12, 10 : columns // 2] = random.choice([30, 220], (12, columns // 2 - 10))
    return picture


def test_one_letter_for_another_makes_a_tile_differ() -> None:
    before = plain(32, 64)
    after = before.copy()
    after[4:12, 20:22] = 200
    assert differing(before, after).tolist() == [[False, True, False, False], [False] * 4]


def test_a_codecs_noise_makes_no_tile_differ() -> None:
    before = plain(32, 64, 100)
    after = before.copy()
    after[4:12, 20:22] += 20
    after[4, 40:49] += 30
    assert not differing(before, after).any()


@settings(deadline=None)
@given(st.integers(0, 255), st.integers(0, 255))
def test_differing_does_not_depend_on_the_order(a: int, b: int) -> None:
    one, other = plain(16, 16, a), plain(16, 16, b)
    assert differing(one, other).all() == differing(other, one).all() == (abs(a - b) > 24)


def test_a_picture_of_broken_tiles_is_filled_up() -> None:
    whole = whole_tiles(plain(17, 30))
    assert whole.shape == (32, 32)
    assert (whole[:17, :30] == 30).all()
    assert not whole[17:].any()


@settings(deadline=None)
@given(npst.arrays(np.bool_, (12, 9)))
def test_bands_hold_every_tile_that_is_set_and_are_far_apart(tiles: Tiles) -> None:
    found = bands(tiles)
    left = tiles.copy()
    for band in found:
        left[band.slices] = False
    assert not left.any()
    assert all(lower.top - upper.bottom >= 2 for upper, lower in pairwise(found))


def test_a_rectangle_of_tiles_ends_where_the_picture_does() -> None:
    assert in_samples(Rectangle(1, 3, 0, 2), (40, 20)) == Rectangle(16, 40, 0, 20)


def test_written_is_the_rectangle_of_the_letters() -> None:
    picture = plain(60, 80)
    picture[10:20, 30:50:4] = 220
    assert written(picture) == Rectangle(10, 20, 29, 48)


def test_nothing_is_written_on_an_even_picture() -> None:
    assert written(plain(20, 20)) is None


@pytest.mark.parametrize("down", [-130, -24, -1, 1, 8, 77])
def test_a_scrolled_page_is_known_by_the_rows_it_moved(down: int) -> None:
    long = page(1, 900, 400)
    before, after = long[200:600], long[200 - down : 600 - down]
    assert scrolled(before, after, Rectangle(0, 400, 0, 400)) == down


def test_another_page_is_not_a_scrolled_one() -> None:
    assert scrolled(page(1, 400, 400), page(2, 400, 400), Rectangle(0, 400, 0, 400)) == 0


@settings(deadline=None)
@given(st.integers(-60, 60).filter(bool))
def test_a_scrolled_picture_is_the_later_one_but_for_what_came_into_sight(down: int) -> None:
    long = page(3, 400, 160)
    before, after = long[100:228], long[100 - down : 228 - down]
    box = Rectangle(0, 128, 0, 160)
    other = differing(scroll(before, after, box, down), after)
    rows = np.flatnonzero(other.any(axis=1))
    came = range(128 + down, 128) if down < 0 else range(down)
    assert {int(row) for row in rows} == {row // SIDE for row in came}


def test_only_the_part_that_was_scrolled_moves() -> None:
    before = page(4, 128, 160)
    after = page(5, 128, 160)
    moved = scroll(before, after, Rectangle(32, 96, 0, 80), -8)
    assert (moved[:32] == before[:32]).all()
    assert (moved[:, 80:] == before[:, 80:]).all()
    assert (moved[32:88, :80] == before[40:96, :80]).all()


def test_enclosing_holds_all() -> None:
    assert enclosing([Rectangle(2, 3, 5, 9), Rectangle(1, 2, 7, 11)]) == Rectangle(1, 3, 5, 11)


@pytest.mark.parametrize(
    ("steps", "rows"), [([-16], [1]), ([32], [4]), ([-20], [0, 1]), ([5], [2, 3]), ([5] * 3, [2, 3]), ([4] * 8, [4])]
)
def test_times_move_with_what_the_tiles_show(steps: list[int], rows: list[int]) -> None:
    times = TileTimes((6, 2), 1_000_000)
    shown = np.zeros((6, 2), np.bool_)
    shown[2, 0] = True
    times.note(shown, shown, 5)
    nothing = np.zeros((6, 2), np.bool_)
    for number, down in enumerate(steps, 1):
        times.scroll(Rectangle(0, 96, 0, 32), down)
        top = 32 + sum(steps[:number])
        shown[:] = False
        shown[top // SIDE : -(-(top + SIDE) // SIDE), 0] = True
        times.note(nothing, shown, 9)
    for row in rows:
        part = Rectangle(row, row + 1, 0, 1)
        assert (times.oldest_us(part), times.newest_us(part)) == (5, 5)


def test_times_outside_of_what_was_scrolled_stay() -> None:
    times = TileTimes((6, 2), 1_000_000)
    everywhere = np.ones((6, 2), np.bool_)
    times.note(everywhere, everywhere, 5)
    times.scroll(Rectangle(32, 64, 0, 16), -16)
    times.note(~everywhere, everywhere, 9)
    oldest = [[times.oldest_us(Rectangle(row, row + 1, c, c + 1)) for c in range(2)] for row in range(6)]
    assert oldest == [[5, 5]] * 3 + [[9, 5]] + [[5, 5]] * 2
