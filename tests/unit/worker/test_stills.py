"""Single frames, found again in a film that was analysed."""

import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import numpy as np
import pytest
from tests.films import Image, decoded, drawn, film, texture

from sightglass_common.errors import SightglassError
from sightglass_common.video_errors import CorruptContainer, DecoderCrashed
from sightglass_worker.decode.analysis import analyze_film
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.results import Analysis, SceneFound
from sightglass_worker.decode.run import decoder
from sightglass_worker.decode.source import DescriptorFile
from sightglass_worker.decode.still_source import Stills
from sightglass_worker.decode.stills import film_stills

LEVELS = [10 * number for number in range(25)]


def grey(level: int, rows: int = 72, columns: int = 128) -> Image:
    return np.full((rows, columns, 3), level, np.uint8)


@contextmanager
def opened(data: bytes) -> Generator[int]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        yield file.fileno()


def analysed(descriptor: int) -> tuple[list[SceneFound], Analysis]:
    results = list(analyze_film(DescriptorFile(descriptor), Limits()))
    assert isinstance(results[-1], Analysis)
    return [result for result in results if isinstance(result, SceneFound)], results[-1]


@pytest.mark.parametrize("times", [range(0, 1000, 40), [7 * n * n + 3 * n for n in range(25)]], ids=["even", "uneven"])
def test_a_frame_is_found_by_its_very_time_in_any_order(times: list[int]) -> None:
    with opened(drawn(map(grey, LEVELS), times=times)) as descriptor:
        _, analysis = analysed(descriptor)
        assert analysis.origin_us is not None
        with film_stills(DescriptorFile(descriptor), Limits(), analysis.origin_us) as stills:
            for number in (20, 3, 0, 24, 11, 11):
                still = stills.jpeg(1000 * times[number])
                assert still is not None
                assert abs(float(decoded(still).mean()) - LEVELS[number]) <= 3
            assert stills.jpeg(1000 * times[3] + 1) is None
            assert stills.jpeg(10**9) is None


@pytest.mark.parametrize(
    "name", ["bikes.mp4", "vfr.mp4", "rotated90.mp4", "big_buck_bunny_0_30.webm", "codecs/bikes1s_mpeg2.ts"]
)
def test_the_key_frame_of_every_scene_is_the_picture_of_its_thumbnail(name: str) -> None:
    with opened(film(name)) as descriptor:
        scenes, analysis = analysed(descriptor)
        assert analysis.origin_us is not None
        with film_stills(DescriptorFile(descriptor), Limits(), analysis.origin_us) as stills:
            for scene in scenes:
                still = stills.jpeg(scene.thumbnail.t_us)
                assert still is not None
                large, small = decoded(still), decoded(scene.thumbnail.jpeg)
                assert max(large.shape) == max(analysis.width, analysis.height)
                rows = np.linspace(0, large.shape[0] - 1, small.shape[0]).astype(int)
                columns = np.linspace(0, large.shape[1] - 1, small.shape[1]).astype(int)
                apart = np.abs(large[np.ix_(rows, columns)].astype(int) - small).mean()
                assert apart < 12


def test_a_larger_picture_is_made_smaller() -> None:
    with opened(drawn([texture(1, rows=1440, columns=2560)] * 2)) as descriptor:
        _, analysis = analysed(descriptor)
        with film_stills(DescriptorFile(descriptor), Limits(), analysis.origin_us or 0) as stills:
            still = stills.jpeg(0)
    assert still is not None
    assert decoded(still).shape == (1080, 1920, 3)


@asynccontextmanager
async def asked(data: bytes, origin_us: int | None) -> AsyncGenerator[Stills]:
    with opened(data) as descriptor:
        async with decoder(Limits()) as child:
            yield child.stills(descriptor, origin_us)


async def test_the_decoder_shows_them_one_after_the_other() -> None:
    async with asked(drawn(map(grey, LEVELS)), 0) as stills:
        for number in (5, 2):
            still = await stills.jpeg(40_000 * number)
            assert still is not None
            assert abs(float(decoded(still).mean()) - LEVELS[number]) <= 3
        assert await stills.jpeg(1) is None


async def test_without_an_origin_nothing_is_found() -> None:
    async with asked(b"no film", None) as stills:
        assert await stills.jpeg(0) is None


async def test_a_decoder_that_fails_is_not_asked_again() -> None:
    async with asked(film("bikes.mp4")[:200_000], 0) as stills:
        errors: list[SightglassError] = []
        for _ in range(2):
            with pytest.raises((CorruptContainer, DecoderCrashed)) as caught:
                await stills.jpeg(0)
            errors.append(caught.value)
    assert errors[0] is errors[1]
