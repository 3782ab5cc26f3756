"""The boxes that go with a frame: of texts that were followed, and of what is found on it."""

from typing import Any, cast

import pytest
from tests.fakes.labels import jpeg_of, noise

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.texts.tracker import Span
from sightglass_worker.engines.errors import CallFailed, EngineMissing
from sightglass_worker.labels.painting import Unpaintable
from sightglass_worker.labels.stills import CheckedStills
from sightglass_worker.ocr.engine import Page

FOLLOWED, FOUND = Box(0.1, 0.1, 0.2, 0.1), Box(0.5, 0.5, 0.2, 0.1)
PICTURE = jpeg_of(noise(1, rows=90, columns=160))


class Film:
    """Has one picture at all times but the negative ones."""

    async def jpeg(self, t_us: int) -> bytes | None:
        return None if t_us < 0 else PICTURE


class Finder:
    """Finds one box on every page, or fails."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.pages: list[Page] = []
        self._failure = failure

    async def find(self, page: Page) -> list[Box]:
        self.pages.append(page)
        if self._failure:
            raise self._failure
        return [FOUND]


def checked(finder: Finder) -> CheckedStills:
    return CheckedStills(cast("Any", Film()), cast("Any", finder), [Span(1_000_000, 2_000_000, FOLLOWED)])


@pytest.mark.parametrize(("t_us", "boxes"), [(1_500_000, [FOLLOWED, FOUND]), (5_000_000, [FOUND])])
async def test_a_frame_has_the_boxes_that_were_followed_and_those_that_are_found_on_it(
    t_us: int, boxes: list[Box]
) -> None:
    finder = Finder()
    still = await checked(finder).load(t_us)
    assert (still.jpeg, list(still.boxes)) == (PICTURE, boxes)
    (page,) = finder.pages
    assert (page.luma.shape, page.picture_side) == ((90, 160), 160)


@pytest.mark.parametrize("failure", [CallFailed("timeout"), EngineMissing("gone")], ids=["failed", "missing"])
async def test_a_frame_that_cannot_be_looked_through_is_not_given(failure: Exception) -> None:
    with pytest.raises(CallFailed):
        await checked(Finder(failure)).load(0)


async def test_a_frame_that_is_not_found_again_is_not_given() -> None:
    with pytest.raises(Unpaintable):
        await checked(Finder()).load(-1)
