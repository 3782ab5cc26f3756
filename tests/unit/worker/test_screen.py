"""When a screen is read, and what is told of it."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sightglass_worker.decode.screen import LONG_SIDE, PERIOD_US, ScreenWatcher
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.domain.screen.screen import Screen

ROWS, COLUMNS = 480, 640


def blank() -> Pixels:
    return np.full((ROWS, COLUMNS), 30, np.uint8)


def write(picture: Pixels, seed: int, top: int, left: int = 40, width: int = 200) -> Pixels:
    """A line of strokes in a copy of the picture, another for each seed."""
    written = picture.copy()
    strokes = np.random.default_rng(seed).choice([30, 220], (12, width // 2))
    written[top : top + 12, left : left + width] = np.repeat(strokes, 2, axis=1)
    return written


@cache
def page(seed: int, *, start: int = 20, lines: int = 12) -> Pixels:
    picture = blank()
    for number in range(lines):
        picture = write(picture, 100 * seed + number, start + 30 * number)
    return picture


def looks(pictures: Iterable[Pixels]) -> list[ScreenLook]:
    screen = Screen((ROWS, COLUMNS))
    found = [look for n, picture in enumerate(pictures) for look in screen.push(picture, n * PERIOD_US)]
    return [*found, *screen.finish()]


def read(pictures: Iterable[Pixels]) -> list[ScreenLook]:
    return [look for look in looks(pictures) if look.luma]


def shown(look: ScreenLook) -> Pixels:
    return np.frombuffer(look.luma, np.uint8).reshape(look.height, look.width)


def test_a_static_film_costs_one_look() -> None:
    (look,) = read([page(1)] * 50)
    assert (look.t_us, look.full, look.picture_side) == (0, True, COLUMNS)
    top, left = round(look.box.y * ROWS), round(look.box.x * COLUMNS)
    assert (shown(look) == page(1)[top : top + look.height, left : left + look.width]).all()


def test_a_look_holds_all_that_is_written_and_no_empty_margins() -> None:
    (look,) = read([page(1)] * 3)
    assert look.box.x * COLUMNS <= 40
    assert (look.box.x + look.box.width) * COLUMNS >= 240
    assert look.width < 300


@pytest.mark.parametrize("samples", [1, 2, 4])
def test_a_page_shown_for_a_moment_is_read(samples: int) -> None:
    found = read([*[page(1)] * 10, *[page(2)] * samples, *[page(3)] * 10])
    assert 10 * PERIOD_US in [look.t_us for look in found]


def test_a_page_is_known_to_be_there_from_its_first_sample_until_the_first_without_it() -> None:
    first, second = read([*[page(1)] * 10, *[page(2)] * 10])
    assert {change.steady_us for change in first.changes} == {0}
    assert {change.since_us for change in second.changes} == {10 * PERIOD_US}


def test_a_change_that_settles_is_read_when_it_has() -> None:
    fade = [((page(1) * (n / 5)) + blank() * (1 - n / 5)).astype(np.uint8) for n in range(1, 5)]
    found = read([*[blank()] * 10, *fade, *[page(1)] * 10])
    assert found[-1].t_us == 15 * PERIOD_US
    assert {change.steady_us for change in found[-1].changes} == {14 * PERIOD_US}
    assert len(found) <= 2


def test_what_never_settles_is_read_from_time_to_time() -> None:
    found = read(page(n) for n in range(150))
    seconds = found[-1].t_us / 1e6
    assert 0.4 * seconds <= len(found) <= 0.6 * seconds + 2


def test_a_blinking_cursor_is_not_read() -> None:
    cursor = page(1).copy()
    cursor[460:476, 40:50] = 220
    pictures = [cursor if n // 3 % 2 else page(1) for n in range(100)]
    assert len(read(pictures)) == 1


def test_a_few_letters_that_stay_are_read() -> None:
    found = read([*[page(1)] * 10, *[write(page(1), 7, 440, width=40)] * 10])
    assert len(found) == 2
    assert {change.since_us for change in found[1].changes} == {10 * PERIOD_US}


def test_only_the_lines_around_a_change_are_looked_at() -> None:
    changed = write(page(1), 9, 20 + 30 * 5)
    (_, look) = read([*[page(1)] * 10, *[changed] * 10])
    assert look.height < ROWS / 2
    assert not look.full
    assert look.box.y * ROWS <= 170 <= 182 <= (look.box.y + look.box.height) * ROWS


def test_what_vanishes_is_told_without_anything_to_read() -> None:
    *_, gone = looks([*[page(1)] * 10, *[blank()] * 10])
    assert not gone.luma
    assert (gone.width, gone.height) == (0, 0)
    assert {change.since_us for change in gone.changes} == {10 * PERIOD_US}


def test_a_scrolled_page_is_followed_and_each_line_read_about_once() -> None:
    long = np.concatenate([page(1, lines=15), page(2, lines=15), page(3, lines=15)])
    pictures = [long[12 * n : 12 * n + ROWS] for n in range(40)]
    found = looks([*[pictures[0]] * 6, *pictures, *[pictures[-1]] * 6])
    shifts = [look.shift for look in found if look.shift]
    assert len(shifts) == 39
    assert {round(shift.down * ROWS) for shift in shifts} == {-12}
    area = sum(change.box.height for look in found if look.luma for change in look.changes)
    assert area < 1 + 2 * 12 * 40 / ROWS


def test_half_a_line_that_is_just_scrolled_into_sight_is_not_read_yet() -> None:
    long = np.concatenate([page(1, lines=15), page(2, lines=15), page(3, lines=15)])
    found = looks(long[12 * n : 12 * n + ROWS] for n in range(40))
    moving = [look for look in found if look.shift and look.luma]
    assert moving
    assert max(c.box.y + c.box.height for look in moving for c in look.changes) * ROWS <= ROWS - 48


def test_what_was_scrolled_into_sight_is_known_to_be_there_since_it_was() -> None:
    long = np.concatenate([page(1, lines=15), page(2, lines=15), page(3, lines=15)])
    found = looks(long[12 * n : 12 * n + ROWS] for n in range(40))
    came = [(look.t_us, c) for look in found if look.shift and look.luma for c in look.changes]
    for t_us, change in came:
        rows = ROWS - (change.box.y + change.box.height) * ROWS
        assert abs(t_us - change.since_us - rows / 12 * PERIOD_US) <= 3 * PERIOD_US
    assert max(t_us - change.since_us for t_us, change in came) > 5 * PERIOD_US


def test_the_last_picture_is_read_though_it_has_not_come_to_rest() -> None:
    found = read([*[page(1)] * 10, page(2), page(3)])
    assert found[-1].t_us == 11 * PERIOD_US


@given(st.lists(st.integers(0, 3), min_size=1, max_size=15))
@settings(deadline=None, max_examples=12)
def test_nothing_that_stays_for_a_second_is_left_unread(pages: list[int]) -> None:
    last = pages[-1]
    found = looks(page(n) for n in [*pages, *[last] * 6])
    screen = blank() ^ np.uint8(128)
    for look in found:
        for change in look.changes:
            rows = slice(round(change.box.y * ROWS), round((change.box.y + change.box.height) * ROWS))
            assert 0 <= change.since_us <= change.steady_us <= look.t_us
            screen[rows] = page((*pages, *[last] * 6)[look.t_us // PERIOD_US])[rows]
    assert (screen == page(last)).all()


def test_a_look_goes_through_json_and_comes_out_the_same() -> None:
    long = np.concatenate([page(1, lines=15), page(2, lines=15)])
    for look in looks(long[12 * n : 12 * n + ROWS] for n in range(12)):
        sent = asdict(look)
        luma = sent.pop("luma")
        assert TypeAdapter(ScreenLook).validate_python(json.loads(json.dumps(sent)) | {"luma": luma}) == look


@pytest.mark.parametrize("wrong", [{"luma": bytes(99)}, {"width": -10, "height": -10}, {"box": Box(0, 0, 0, 1)}])
def test_a_look_of_another_size_than_it_says_is_none(wrong: dict[str, Any]) -> None:
    right = {"t_us": 0, "box": Box(0, 0, 1, 1), "full": True, "width": 10, "height": 10, "picture_side": 10}
    rest = {"shift": None, "changes": (), "luma": bytes(100)}
    assert TypeAdapter(ScreenLook).validate_python(right | rest)
    with pytest.raises(ValidationError):
        TypeAdapter(ScreenLook).validate_python(right | rest | wrong)


def frame_of(luma: Pixels, pix_fmt: str = "yuv420p") -> av.VideoFrame:
    rgb = np.repeat(luma[:, :, np.newaxis], 3, axis=2)
    return av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format=pix_fmt)


def test_five_samples_a_second_are_taken_whatever_the_rate() -> None:
    for step_us in (16_667, 33_367, 66_667, 250_000):
        watcher = ScreenWatcher()
        taken = [t_us for t_us in range(0, 10_000_000, step_us) if watcher.wants(t_us)]
        assert len(taken) == len({t_us // PERIOD_US for t_us in range(0, 10_000_000, step_us)})
        assert all(t_us % PERIOD_US < step_us for t_us in taken)


def test_a_run_over_a_part_samples_what_a_run_over_the_film_does() -> None:
    times = range(0, 5_000_000, 66_667)
    whole, part = ScreenWatcher(), ScreenWatcher()
    of_whole = {t_us for t_us in times if whole.wants(t_us)}
    of_part = {t_us for t_us in times if t_us >= 2_000_000 and part.wants(t_us)}
    assert of_part == {t_us for t_us in of_whole if t_us >= 2_000_000 + PERIOD_US}


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le", "nv12", "gray", "rgb24"])
def test_every_pixel_format_is_read_about_alike(pix_fmt: str) -> None:
    watcher = ScreenWatcher()
    (look,) = watcher.look(frame_of(page(1), pix_fmt), 0)
    top, left = round(look.box.y * ROWS), round(look.box.x * COLUMNS)
    expected = page(1)[top : top + look.height, left : left + look.width].astype(int)
    assert np.abs(shown(look).astype(int) - expected).mean() < 20


def test_a_large_picture_is_reduced() -> None:
    watcher = ScreenWatcher()
    large = np.kron(page(1), np.ones((5, 5), np.uint8)).astype(np.uint8)
    (look,) = watcher.look(frame_of(large), 0)
    assert look.picture_side == LONG_SIDE
    assert len(look.luma) <= 8_000_000


def test_a_film_that_is_shown_turned_is_read_upright() -> None:
    with av.open("tests/data/video/rotated90.mp4") as container:
        frame = next(container.decode(video=0))
        (look,) = ScreenWatcher().look(frame, 0)
    assert frame.width > frame.height
    assert look.height > look.box.height  # in pixels of the upright picture
    assert round(look.width / look.box.width) == frame.height
    assert round(look.height / look.box.height) == frame.width
