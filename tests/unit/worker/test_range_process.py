"""The decoder of films in ranges, as its parent sees it when it does not do its part."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.unit.worker.misbehaving import decoders_that

from sightglass_common.video_errors import DecodeTimeout
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.range_results import RangeSpan
from sightglass_worker.decode.range_run import RangeDecoder, range_decoder


async def nothing(*_: object) -> bytes:
    return b""


async def ignore(_: object) -> None:
    return


async def planned(film: RangeDecoder) -> None:
    await film.plan(nothing, 1, 1)


async def analyzed(film: RangeDecoder) -> None:
    told = {"on_progress": ignore, "on_piece": ignore, "on_tile": ignore, "on_motion": ignore}
    await film.analyze(RangeSpan(0), nothing, 1, **told, on_look=None)


async def sheet(film: RangeDecoder) -> None:
    await film.sheet([], expected_us=None, duration_us=1)


@pytest.mark.parametrize("asked", [planned, analyzed, sheet])
async def test_a_decoder_that_hangs_up_and_lives_on_ends_in_a_timeout(
    asked: Callable[[RangeDecoder], Awaitable[None]], tmp_path: Path
) -> None:
    with decoders_that("connection.close(); time.sleep(600)", tmp_path):
        async with asyncio.timeout(20), range_decoder(Limits(wall_s=0.2)) as film:
            with pytest.raises(DecodeTimeout):
                await asked(film)
