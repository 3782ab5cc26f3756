"""The camera's movement between two pictures of a larger one."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sightglass_worker.domain.motion.camera import CameraFinder
from sightglass_worker.domain.motion.maps import STILL, Camera, Luma, warped

ROWS, COLUMNS = 72, 128


def _wide(seed: int = 3) -> NDArray[np.floating[Any]]:
    """A smooth picture, larger than what is seen of it."""
    grid = np.random.default_rng(seed).uniform(20, 230, (60, 80))
    at = np.arange(360) / 6
    return _between(grid, at[: 50 * 6] + 1, np.arange(70 * 6) / 6 + 1)


def _between(image: NDArray[np.floating[Any]], rows: Any, columns: Any) -> NDArray[np.floating[Any]]:
    top, left = rows.astype(int), columns.astype(int)
    down, across = (rows - top)[:, None], columns - left
    part = image[top] * (1 - down) + image[top + 1] * down
    return part[:, left] * (1 - across) + part[:, left + 1] * across


WIDE = _wide()


def shot(camera: Camera = STILL) -> Luma:
    """The middle of the wide picture, as seen through `camera`."""
    rows = (np.arange(ROWS) - (ROWS - 1) / 2) * camera.zoom + camera.y + 150
    columns = (np.arange(COLUMNS) - (COLUMNS - 1) / 2) * camera.zoom + camera.x + 200
    return _between(WIDE, rows, columns).astype(np.float32)


def found(before: Luma, now: Luma) -> Camera:
    return CameraFinder((ROWS, COLUMNS)).between(before, now)


@pytest.mark.parametrize("x", [0.5, -3.3, 12.0, -40.0])
@pytest.mark.parametrize("y", [0.0, 2.4, -9.0])
def test_a_shift_is_found_to_a_fifth_of_a_sample(x: float, y: float) -> None:
    camera = found(shot(), shot(Camera(1.0, x, y)))
    assert (camera.x, camera.y) == (pytest.approx(x, abs=0.2), pytest.approx(y, abs=0.2))
    assert camera.zoom == pytest.approx(1.0, abs=0.003)


@pytest.mark.parametrize("zoom", [1.02, 0.98])
def test_a_zoom_is_found(zoom: float) -> None:
    assert found(shot(), shot(Camera(zoom, 0.0, 0.0))).zoom == pytest.approx(zoom, abs=0.004)


def test_the_same_picture_did_not_move() -> None:
    assert found(shot(), shot()) == STILL


def test_a_picture_that_grows_brighter_did_not_move() -> None:
    assert found(shot(), shot() + 12) == STILL


@pytest.mark.parametrize("brighter", [0, 30])
def test_a_thing_of_a_third_of_the_picture_is_not_the_camera_even_if_the_light_changes(brighter: int) -> None:
    before, now = shot(), shot()
    before[6:66, 10:70] = shot(Camera(1.0, 30, 0))[6:66, 10:70]
    now[6:66, 13:73] = before[6:66, 10:70]
    assert found(before, now + brighter) == STILL


def test_without_texture_nothing_is_said_to_move() -> None:
    grey = np.full((ROWS, COLUMNS), 90, np.float32)
    noise = np.random.default_rng(0)
    assert found(grey + noise.normal(0, 0.5, grey.shape).astype(np.float32), grey).still((ROWS, COLUMNS))


def test_a_warp_shows_what_the_camera_sees_where_it_sees_anything() -> None:
    camera = Camera(1.01, 5.5, -3.25)
    seen, rows, columns = warped(shot(), camera)
    expected = shot(camera)
    assert np.abs(seen - expected)[rows, columns].mean() < 2 < np.abs(shot() - expected)[rows, columns].mean()
    assert (rows.start, rows.stop) == (4, ROWS)
    assert (columns.start, columns.stop) == (0, COLUMNS - 7)


def test_a_warp_beyond_the_picture_shows_nothing() -> None:
    seen, rows, columns = warped(shot(), Camera(1.0, 300.0, 0.0))
    assert seen[rows, columns].size == 0


def test_maps_join_and_are_undone() -> None:
    one, other = Camera(1.1, 3.0, -2.0), Camera(0.9, -1.0, 5.0)
    both = other.after(one)
    assert both.x == pytest.approx(other.zoom * one.x + other.x)
    gone = both.back.after(both)
    assert (gone.zoom, gone.x, gone.y) == pytest.approx((1.0, 0.0, 0.0))
