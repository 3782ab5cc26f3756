"""Which boxes belong together."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.association import inside_share, pairs, union_share

SIDES = st.floats(0.02, 0.4).map(lambda side: round(side, 3))
BOXES = st.builds(Box, SIDES, SIDES, SIDES, SIDES)


def test_each_box_gets_the_one_that_overlaps_it_most() -> None:
    left, right = Box(0.1, 0.1, 0.2, 0.2), Box(0.5, 0.1, 0.2, 0.2)
    assert pairs([left, right], [Box(0.52, 0.1, 0.2, 0.2), Box(0.12, 0.1, 0.2, 0.2)], 0.2) == [(0, 1), (1, 0)]


def test_of_two_boxes_that_fit_the_one_that_overlaps_more_is_given() -> None:
    near, far = Box(0.11, 0.1, 0.2, 0.2), Box(0.2, 0.1, 0.2, 0.2)
    assert pairs([Box(0.1, 0.1, 0.2, 0.2)], [far, near], 0.2) == [(0, 1)]
    assert pairs([far, near], [Box(0.1, 0.1, 0.2, 0.2)], 0.2) == [(1, 0)]


def test_a_box_that_moved_its_own_width_is_still_found() -> None:
    assert pairs([Box(0.1, 0.1, 0.1, 0.2)], [Box(0.2, 0.1, 0.1, 0.2)], 0.15) == [(0, 0)]


def test_boxes_apart_do_not_belong_together() -> None:
    assert pairs([Box(0.1, 0.1, 0.1, 0.1)], [Box(0.5, 0.1, 0.1, 0.1)], 0.01) == []


def test_a_sliver_is_not_what_was_there() -> None:
    assert pairs([Box(0.1, 0.1, 0.2, 0.2)], [Box(0.1, 0.1, 0.07, 0.2)], 0.1) == []
    assert pairs([Box(0.1, 0.1, 0.07, 0.2)], [Box(0.1, 0.1, 0.2, 0.2)], 0.1) == [(0, 0)]


def test_shares_are_of_the_union_and_of_the_first() -> None:
    a, b = Box(0, 0, 0.2, 0.1), Box(0.1, 0, 0.2, 0.1)
    assert union_share(a, b) == pytest.approx(1 / 3)
    assert inside_share(a, b) == pytest.approx(0.5)
    assert inside_share(a, Box(0.5, 0.5, 0.1, 0.1)) == union_share(a, Box(0.5, 0.5, 0.1, 0.1)) == 0


@given(st.lists(BOXES, max_size=8), st.lists(BOXES, max_size=8))
def test_each_box_is_given_once_at_most(predicted: list[Box], found: list[Box]) -> None:
    given = pairs(predicted, found, 0.2)
    assert len({here for here, _ in given}) == len({there for _, there in given}) == len(given)


@given(st.lists(BOXES, max_size=6), st.lists(BOXES, max_size=6, unique=True), st.randoms())
def test_the_order_of_what_is_found_does_not_matter(
    predicted: list[Box], found: list[Box], order: random.Random
) -> None:
    shuffled = order.sample(found, len(found))
    one = {(here, found[there]) for here, there in pairs(predicted, found, 0.2)}
    assert one == {(here, shuffled[there]) for here, there in pairs(predicted, shuffled, 0.2)}
