"""Image files as the text engine's process takes them."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sightglass_common.video_errors import DimensionsTooLarge, UnreadableImage
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.ocr.decoding import read_picture
from sightglass_worker.ocr.engine import Page

MANY = 10**7


class Reader:
    """An engine that keeps what it is shown."""

    def __init__(self, lines: int = 0) -> None:
        self.pages: list[Page] = []
        self.lines = [Line("a" * 300, 1.0, Box(0, 0, 1, 1))] * lines

    def read(self, page: Page) -> list[Line]:
        self.pages.append(page)
        return self.lines

    def find(self, page: Page) -> list[Box]:
        raise NotImplementedError


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def shown(data: bytes) -> Page:
    engine = Reader()
    assert read_picture(engine, data, MANY) == {"lines": [], "left_out": 0}
    (page,) = engine.pages
    return page


def test_an_image_is_read_as_it_is_shown() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right by 90 degrees
    image = Image.new("L", (40, 20), 255)
    image.paste(0, (0, 0, 40, 10))
    luma = shown(saved(image, "PNG", exif=exif)).luma
    assert luma.shape == (40, 20)
    assert (luma[:, :10].mean(), luma[:, 10:].mean()) == (255, 0)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode: str) -> None:
    image = Image.new(mode, (8, 8))
    luma = shown(saved(image, "PNG", **({"transparency": 0} if mode == "P" else {}))).luma
    assert np.all(luma == 255)


def test_of_several_pictures_the_first_is_read() -> None:
    frames = [Image.new("L", (8, 8), level) for level in (200, 10)]
    assert shown(saved(frames[0], "GIF", save_all=True, append_images=frames[1:])).luma[0, 0] == 200


@pytest.mark.parametrize(("size", "side"), [((100, 50), 960), ((1920, 8), 960), ((3840, 8), 1920)])
def test_lines_are_looked_for_in_a_picture_as_wide_as_a_screen(size: tuple[int, int], side: int) -> None:
    assert shown(saved(Image.new("L", size), "PNG")).picture_side == side


def test_too_many_pixels_are_refused_by_the_header_alone() -> None:
    data = saved(Image.new("1", (2000, 2000)), "PNG")
    cut = data[: data.index(b"IDAT") + 4]
    assert read_picture(Reader(), cut, 10**6)["refused"] == DimensionsTooLarge.code
    assert read_picture(Reader(), cut, 10**7)["refused"] == UnreadableImage.code


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_a_file_that_is_cut_off_is_refused_and_nothing_is_raised(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8))
    data = saved(noise, kind)
    codes = {read_picture(Reader(), data[:size], MANY).get("refused") for size in range(0, len(data) - 64, 97)}
    assert UnreadableImage.code in codes
    assert codes <= {UnreadableImage.code, None}


def test_lines_beyond_the_most_are_counted_and_long_ones_cut() -> None:
    told = read_picture(Reader(1200), saved(Image.new("L", (8, 8)), "PNG"), MANY)
    assert (len(told["lines"]), told["left_out"], len(told["lines"][0].text)) == (1000, 200, 200)
