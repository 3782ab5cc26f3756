"""How much of what changed between two pictures a move up or down explains; and that such a move is no cut."""

import tempfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.films import drawn

from sightglass_worker.decode.analysis import analyze_film
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.results import SceneFound
from sightglass_worker.decode.source import DescriptorFile
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.scenes.cuts import SCROLL_LEFT
from sightglass_worker.domain.screen.scrolling import left_by_scroll

ROWS, COLUMNS = 240, 320


def page(seed: int, rows: int = ROWS) -> Pixels:
    """Lines of words at even distances, the same for each seed; the words are not."""
    random = np.random.default_rng(seed)
    drawn_page = np.full((rows, COLUMNS), 245, np.uint8)
    for top in range(8, rows - 10, 18):
        strokes = random.choice([40, 235], (9, COLUMNS // 4))
        drawn_page[top : top + 9] = np.repeat(strokes, 4, axis=1)
        drawn_page[top : top + 9, int(random.integers(100, COLUMNS)) :] = 245
    return drawn_page


def first_frames(pages: list[Pixels], *, codec: str = "libx264", container: str = "mp4") -> list[int]:
    with tempfile.TemporaryFile() as file:
        images = [np.repeat(shown[:, :, None], 3, axis=2) for shown in pages]
        file.write(drawn(images, codec=codec, container=container))
        file.flush()
        found = analyze_film(DescriptorFile(file.fileno()), Limits())
        return [result.scene.first_frame for result in found if isinstance(result, SceneFound)]


@settings(max_examples=40, deadline=None)
@given(down=st.integers(-130, 130).filter(bool), seed=st.integers(0, 1000), noise=st.integers(0, 8))
def test_a_move_explains_what_it_moved(down: int, seed: int, noise: int) -> None:
    long = page(seed, ROWS + 130)
    before, after = long[130:] if down > 0 else long[:ROWS], long[130 - down :] if down > 0 else long[-down:]
    grain = np.random.default_rng(seed).integers(-noise, noise + 1, (ROWS, COLUMNS))
    after = (after[:ROWS].astype(np.int16) + grain).clip(0, 255).astype(np.uint8)
    assert left_by_scroll(before[:ROWS], after) < SCROLL_LEFT / 2


@pytest.mark.parametrize("seed", range(8))
def test_no_move_explains_another_page_with_lines_at_the_same_places(seed: int) -> None:
    assert left_by_scroll(page(seed), page(seed + 100)) > 2 * SCROLL_LEFT


def test_what_stands_still_above_a_text_that_moves_is_explained_too() -> None:
    long = page(1, ROWS + 50)
    before, after = long[:ROWS].copy(), long[50:].copy()
    before[:36] = after[:36] = page(2)[:36]
    assert left_by_scroll(before, after) < SCROLL_LEFT


def test_where_nothing_changed_nothing_is_left() -> None:
    assert left_by_scroll(page(1), page(1)) == 0


@pytest.mark.parametrize(("codec", "container"), [("libx264", "mp4"), ("ffv1", "matroska")])
def test_text_that_scrolls_by_jerks_of_any_height_is_one_scene_and_another_page_is_another(
    codec: str, container: str
) -> None:
    scrolled = page(3, ROWS + 400)
    pages = [scrolled[y : y + ROWS] for y in range(0, 400, 53) for _ in range(10)]
    assert first_frames([*pages, *[page(4)] * 20], codec=codec, container=container) == [0, len(pages)]
