"""One second of film in every codec that is taken: all its frames, its times and its size as shown."""

import pytest
from tests.unit.worker.encodings import ENCODINGS, encoded, with_subtitles
from tests.unit.worker.ordeal import ordeal


@pytest.mark.parametrize("name", ENCODINGS)
async def test_a_film_in_any_codec_gives_all_its_frames_at_their_times(name: str) -> None:
    seen = await ordeal(encoded(name))
    assert seen.probe is not None
    assert seen.analysis is not None
    assert (seen.probe.codec, seen.probe.bit_depth) == (ENCODINGS[name].codec, ENCODINGS[name].bit_depth)
    assert (seen.probe.width, seen.probe.height) == (seen.analysis.width, seen.analysis.height) == (160, 90)
    assert (seen.analysis.frames, seen.analysis.duration_us) == (25, 1_000_000)
    assert (seen.analysis.partial, seen.analysis.variable_rate) == (False, False)


@pytest.mark.parametrize("name", ["h264", "hevc 10 bit", "mpeg4", "prores"])
async def test_samples_that_are_not_square_are_shown_as_wide_as_they_should_be(name: str) -> None:
    seen = await ordeal(encoded(name, frames=3, width=96, height=80, aspect="4/3"))
    assert seen.probe is not None
    assert seen.analysis is not None
    assert (seen.probe.width, seen.probe.height) == (seen.analysis.width, seen.analysis.height) == (128, 80)


async def test_odd_sizes_are_kept() -> None:
    seen = await ordeal(encoded("ffv1", frames=3, width=101, height=67))
    assert seen.analysis is not None
    assert (seen.analysis.width, seen.analysis.height) == (101, 67)


async def test_a_track_of_subtitles_does_not_cost_the_film() -> None:
    assert (await ordeal(with_subtitles(encoded("h264")))).end == "done"
