"""Painting out: what is inside a box is gone from the file, and so is what is not a pixel."""

import math
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from tests.fakes.labels import jpeg_of, noise
from tests.fakes.wire import shown

from sightglass_worker.decode.picture import Picture, jpeg
from sightglass_worker.labels.painting import LONG_SIDE, Unpaintable, painted
from sightglass_worker.labels.provider import Box

# Black as JPEG has it near bright noise. The darkest pixel of the noise is 128.
NEARLY_BLACK = 90

somewhere = st.floats(-0.5, 1.5)
sizes = st.one_of(st.just(0.0), st.floats(0, 0.02), st.floats(0, 2))
boxes = st.tuples(somewhere, somewhere, sizes, sizes)
unhurried = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def cut(box: Box) -> Box:
    """The part of a box inside the picture."""
    x, y, width, height = box
    left, top = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
    return left, top, max(0.0, min(x + width, 1.0) - left), max(0.0, min(y + height, 1.0) - top)


@unhurried
@given(st.lists(boxes, max_size=4))
def test_no_pixel_inside_a_box_keeps_its_value(some: list[Box]) -> None:
    found = shown(painted(jpeg_of(noise(1)), some))
    for box in some:
        assert found.inside(*cut(box)).max(initial=0) < NEARLY_BLACK


@unhurried
@given(boxes)
def test_what_a_box_hides_leaves_no_trace_in_the_file(box: Box) -> None:
    left, top, width, height = cut(box)
    # In whole blocks of the JPEG that comes in, so that the two differ nowhere else before they are painted.
    x, y = math.ceil(left * 10) * 16, math.ceil(top * 6) * 16
    right, bottom = math.floor((left + width) * 10) * 16, math.floor((top + height) * 6) * 16
    secret, other = noise(1, rows=96, columns=160), noise(1, rows=96, columns=160)
    other[y:bottom, x:right] = noise(2, rows=96, columns=160)[y:bottom, x:right]
    assert painted(jpeg_of(secret), [box]) == painted(jpeg_of(other), [box])


def test_letters_that_reach_a_little_out_of_their_box_are_hidden_too() -> None:
    found = shown(painted(jpeg_of(noise(1)), [(0.25, 0.5, 0.5, 0.2)]))
    assert found.inside(0.24, 0.47, 0.52, 0.26).max() < NEARLY_BLACK


def test_of_large_letters_more_is_hidden_around_their_box() -> None:
    found = shown(painted(jpeg_of(noise(1)), [(0.25, 0.25, 0.5, 0.5)]))
    columns, rows = 7 / 160, 7 / 90
    assert found.inside(0.25 - columns, 0.25 - rows, 0.5 + 2 * columns, 0.5 + 2 * rows).max() < NEARLY_BLACK


def test_a_box_of_no_size_hides_what_is_around_it() -> None:
    found = shown(painted(jpeg_of(noise(1)), [(0.5, 0.5, 0, 0)]))
    assert found.inside(0.485, 0.475, 0.03, 0.05).max() < NEARLY_BLACK


def test_a_box_of_a_large_picture_is_hidden_in_the_small_one() -> None:
    found = shown(painted(jpeg_of(noise(1, rows=1080, columns=1920)), [(0.1, 0.2, 0.3, 0.05)]))
    assert found.image.shape == (432, 768, 3)
    assert found.inside(0.1, 0.2, 0.3, 0.05).max() < NEARLY_BLACK


def test_what_is_outside_of_all_boxes_is_as_it_was() -> None:
    image = np.full((90, 160, 3), 200, np.uint8)
    found = shown(painted(jpeg_of(image), [(0, 0, 0.2, 0.2)]))
    assert np.abs(found.inside(0.4, 0.4, 0.6, 0.6).astype(int) - 200).max() <= 3


@pytest.mark.parametrize(("rows", "columns"), [(2000, 900), (900, 2000), (769, 2), (48, 64)])
def test_no_side_is_longer_than_768_and_none_grows(rows: int, columns: int) -> None:
    found = shown(painted(jpeg_of(noise(1, rows=rows, columns=columns)), []))
    assert found.long_side == min(LONG_SIDE, max(rows, columns))


def test_no_metadata_leaves_the_process() -> None:
    exif = Pillow.Exif()
    exif[0x010E] = "where and when"
    original = jpeg_of(
        noise(1), exif=exif, comment=b"a remark", icc_profile=b"a profile" * 20, xmp=b"<x>a name</x>", dpi=(72, 72)
    )
    assert shown(original).has_metadata
    found = painted(original, [])
    assert not shown(found).has_metadata
    for secret in (b"where", b"remark", b"profile", b"name", b"Exif"):
        assert secret not in found


def test_a_box_is_where_it_is_in_the_picture_as_shown() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    found = shown(painted(jpeg_of(noise(1), exif=exif), [(0.5, 0, 0.5, 0.25)]))
    assert found.image.shape == (160, 90, 3)
    assert found.inside(0.5, 0, 0.5, 0.25).max() < NEARLY_BLACK
    assert found.inside(0, 0.4, 1, 0.6).mean() > 150


def test_a_picture_of_our_decoder_can_be_painted() -> None:
    plain = Picture(np.full((90, 160), 200, np.uint8), *(np.full((45, 80), 128, np.uint8) for _ in range(2)))
    found = shown(painted(jpeg(plain), [(0.5, 0.5, 0.5, 0.5)]))
    assert found.inside(0.5, 0.5, 0.5, 0.5).max() < NEARLY_BLACK
    assert found.inside(0, 0, 0.4, 0.4).min() > 180


def png() -> bytes:
    file = BytesIO()
    Pillow.fromarray(noise(1)).save(file, "PNG")
    return file.getvalue()


def claiming(side: int) -> bytes:
    """A JPEG that claims to have so many rows and columns."""
    whole = jpeg_of(noise(1))
    at = whole.index(b"\xff\xc0") + 5
    return whole[:at] + side.to_bytes(2, "big") * 2 + whole[at + 4 :]


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", png(), jpeg_of(noise(1))[:-2000], claiming(4097), claiming(65_000), claiming(0)],
    ids=["nothing", "no picture", "png", "cut off", "too large", "a bomb", "no pixels"],
)
def test_what_our_decoder_does_not_make_is_not_painted(data: bytes) -> None:
    with pytest.raises(Unpaintable):
        painted(data, [])


@pytest.mark.parametrize(
    "box",
    [
        (math.nan, 0, 1, 1),
        (0, 0, math.inf, 1),
        (0, -math.inf, 1, 1),
        (1e308, 1e308, 1e308, 1e308),
        (0.5, 0.5, -0.1, 0.1),
    ],
)
def test_a_box_that_is_none_keeps_the_picture_here(box: Box) -> None:
    with pytest.raises(Unpaintable):
        painted(jpeg_of(noise(1)), [box])


def test_a_picture_whose_text_is_unread_is_not_painted() -> None:
    with pytest.raises(Unpaintable):
        painted(jpeg_of(noise(1)), None)
