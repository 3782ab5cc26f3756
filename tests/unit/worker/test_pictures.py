"""Samples, small pictures, sprite sheets and the choice of key frames."""

import av
import numpy as np
import pytest
from tests import films
from tests.films import Image

from sightglass_worker.decode.picture import Picture, Shrinker, even_size, jpeg
from sightglass_worker.decode.planes import Sampler
from sightglass_worker.decode.sprite import MAX_TILES, SpriteMaker


def frame_of(image: Image, pix_fmt: str = "yuv420p") -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(image, "rgb24").reformat(format=pix_fmt)


def blank(value: int) -> Picture:
    return Picture(np.full((4, 6), value, np.uint8), *(np.full((2, 3), 128, np.uint8) for _ in range(2)))


@pytest.mark.parametrize("pix_fmt", ["yuv420p10le", "yuv422p", "yuv444p12le", "rgb24", "gray", "nv12"])
def test_every_pixel_format_gives_about_the_same_luma(pix_fmt: str) -> None:
    plain, other = Sampler(), Sampler()
    image = films.texture(3)
    expected = plain.luma(plain.samples([frame_of(image)])[0])
    found = other.luma(other.samples([frame_of(image, pix_fmt)])[0])
    # The samples lie elsewhere where the scaler takes them, but of large blocks they are alike.
    assert found.mean() == pytest.approx(expected.mean(), abs=4)
    assert found.std() == pytest.approx(expected.std(), abs=4)


@pytest.mark.parametrize(("pix_fmt", "bits"), [("yuv420p", 8), ("yuv444p", 8), ("yuv422p10le", 10)])
def test_samples_are_those_of_the_planes_at_even_steps(pix_fmt: str, bits: int) -> None:
    # Odd sides, and more columns than are taken: neither step divides them.
    image = np.random.default_rng(1).integers(0, 256, (100, 502, 3), np.uint8)
    frame = frame_of(image, pix_fmt)
    sampler = Sampler()
    (found,) = sampler.samples([frame])
    plane = frame.planes[0]
    rows = np.frombuffer(bytes(plane), np.uint8 if bits == 8 else "<u2").reshape(plane.height, -1)[:, : plane.width]
    assert (sampler.luma(found) == rows[::3, ::3] >> (bits - 8)).all()


def test_frames_sampled_together_are_sampled_as_each_alone() -> None:
    frames = [frame_of(films.texture(seed)) for seed in range(3)]
    together = Sampler().samples(frames)
    assert (together == np.stack([Sampler().samples([frame])[0] for frame in frames])).all()


def test_a_frame_of_another_size_or_format_is_sampled_like_the_first() -> None:
    sampler = Sampler()
    (first,) = sampler.samples([frame_of(films.texture(3))])
    larger = frame_of(films.texture(3, rows=144, columns=256))
    other = frame_of(films.texture(3), "yuv444p")
    for again in sampler.samples([larger, other]):
        assert np.abs(again.astype(int) - first).mean() < 6


def test_samples_are_few_however_large_the_frame() -> None:
    assert Sampler().samples([frame_of(np.zeros((2160, 3840, 3), np.uint8))]).size < 20_000


@pytest.mark.parametrize(
    ("size", "expected"), [((1920, 1080), (320, 180)), ((100, 50), (100, 50)), ((5000, 3), (320, 2))]
)
def test_a_picture_shrinks_to_even_sides_and_never_grows(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert even_size(*size, 320) == expected


def test_a_turned_frame_is_shown_upright() -> None:
    image = np.zeros((64, 96, 3), np.uint8)
    image[:, 48:] = 255  # right half white: after a quarter turn counter-clockwise, the upper half
    picture = Shrinker((64, 96), 90, 320).picture(frame_of(image))
    assert picture.y.shape == (96, 64)
    assert picture.y[:40].mean() > 240
    assert picture.y[56:].mean() < 15


def test_a_jpeg_shows_its_picture() -> None:
    shown = films.decoded(jpeg(Picture(np.full((32, 48), 200, np.uint8), *(np.full((16, 24), 128, np.uint8),) * 2)))
    assert shown.shape == (32, 48, 3)
    assert np.abs(shown.astype(int) - 200).max() <= 2


@pytest.mark.parametrize("expected_us", [None, 1, 3_600_000_000])
def test_a_sheet_never_holds_more_tiles_than_it_may_whatever_the_header_said(expected_us: int | None) -> None:
    sprite = SpriteMaker(expected_us)
    for t_us in range(0, 4_000_000_000, 500_000):
        if sprite.wants(t_us):
            sprite.add(t_us, blank(0))
    sheet = sprite.sheet(4_000_000_000)
    assert MAX_TILES // 2 <= sheet.tiles <= MAX_TILES
    assert sheet.webvtt.count("-->") == sheet.tiles
    assert "01:06:40.000\n" in sheet.webvtt


def test_the_cues_of_a_sheet_leave_no_gap() -> None:
    sprite = SpriteMaker(60_000_000)
    for t_us in (0, 2_000_000, 31_000_000):
        sprite.add(t_us, blank(0))
    lines = sprite.sheet(60_000_000).webvtt.splitlines()
    assert [line for line in lines if "-->" in line] == [
        "00:00:00.000 --> 00:00:02.000",
        "00:00:02.000 --> 00:00:31.000",
        "00:00:31.000 --> 00:01:00.000",
    ]
    assert lines[-2:-1] == ["sprite.jpg#xywh=12,0,6,4"] or lines[-1] == "sprite.jpg#xywh=12,0,6,4"
