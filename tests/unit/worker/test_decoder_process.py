"""The decoder process, as its parent sees it: results, errors, limits, and that nothing is left of it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import films
from tests.films import film
from tests.processes import children, open_descriptors
from tests.unit.worker.misbehaving import decoders_that

from sightglass_common import errors, video_errors
from sightglass_common.sandbox.wire import Message
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.range_results import RangeDone, RangeSpan, TileFound
from sightglass_worker.decode.range_run import ranges_of
from sightglass_worker.decode.results import Analysis, Progress, SceneFound, SpriteSheet
from sightglass_worker.decode.run import ReadRange, decoder
from sightglass_worker.decode.wire import WIRE

Outcome = Callable[..., Awaitable[Exception]]

EXPECTED: dict[str, Any] = json.loads(film("expected.json"))


@dataclass
class Seen:
    """What an analysis told."""

    progress: list[Progress] = field(default_factory=list[Progress])
    scenes: list[SceneFound] = field(default_factory=list[SceneFound])
    sprites: list[SpriteSheet] = field(default_factory=list[SpriteSheet])

    async def on_progress(self, progress: Progress) -> None:
        self.progress.append(progress)

    async def on_scene(self, scene: SceneFound) -> None:
        self.scenes.append(scene)

    async def on_sprite(self, sprite: SpriteSheet) -> None:
        self.sprites.append(sprite)


@contextmanager
def unlinked(data: bytes, folder: Path) -> Generator[int]:
    path = folder / "film"
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    path.unlink()
    try:
        yield descriptor
    finally:
        os.close(descriptor)


async def analyzed(data: bytes, folder: Path, limits: Limits | None = None) -> tuple[Analysis, Seen]:
    seen = Seen()
    with unlinked(data, folder) as descriptor:
        return await told(descriptor, seen, limits), seen


async def told(descriptor: int, seen: Seen, limits: Limits | None = None) -> Analysis:
    """Analyse what a descriptor shows; `seen` notes what is told."""
    async with decoder(limits or Limits()) as child:
        return await child.analyze(
            descriptor, on_progress=seen.on_progress, on_scene=seen.on_scene, on_sprite=seen.on_sprite
        )


async def probed(data: bytes, limits: Limits | None = None) -> Any:
    async def read_range(offset: int, size: int) -> bytes:
        return data[offset : offset + size]

    return await probed_by(read_range, len(data), limits)


async def probed_by(read_range: ReadRange, size_bytes: int, limits: Limits | None = None) -> Any:
    async with decoder(limits or Limits()) as child:
        return await child.probe(read_range, size_bytes)


@pytest.fixture(autouse=True)
async def nothing_left() -> AsyncIterator[None]:
    before, opened = children(), open_descriptors()
    yield
    assert children() <= before
    await asyncio.sleep(0)  # sockets are closed in the loop's next turn
    assert open_descriptors() <= opened


@pytest.mark.parametrize("name", [n for n in EXPECTED if "hard_cuts" in EXPECTED[n]])
async def test_cuts_are_found_within_a_frame_and_no_others(name: str, tmp_path: Path) -> None:
    analysis, seen = await analyzed(film(name), tmp_path)
    found = [s.scene.first_frame for s in seen.scenes[1:]]
    assert len(found) == len(EXPECTED[name]["hard_cuts"])
    for frame, expected in zip(found, EXPECTED[name]["hard_cuts"], strict=True):
        assert abs(frame - expected) <= 1
    assert analysis.frames == EXPECTED[name]["frames"]
    assert [analysis.width, analysis.height] == EXPECTED[name]["size"]
    assert not analysis.partial


async def test_cut_times_are_right_where_the_rate_varies(tmp_path: Path) -> None:
    analysis, seen = await analyzed(film("vfr.mp4"), tmp_path)
    expected = EXPECTED["vfr.mp4"]
    assert [s.scene.start_us / 1e6 for s in seen.scenes[1:]] == pytest.approx(
        expected["hard_cut_times"], abs=expected["tolerance_s"]
    )
    assert analysis.variable_rate


async def test_every_scene_has_an_upright_jpeg_of_a_frame_of_its_own(tmp_path: Path) -> None:
    analysis, seen = await analyzed(film("rotated90.mp4"), tmp_path)
    assert [s.index for s in seen.scenes] == list(range(analysis.scenes))
    for found in seen.scenes:
        assert found.scene.start_us <= found.thumbnail.t_us < found.scene.end_us
        assert (found.thumbnail.width, found.thumbnail.height) == (136, 320)
        assert found.thumbnail.jpeg.startswith(b"\xff\xd8\xff")
    for before, after in pairwise(seen.scenes):
        assert before.scene.end_us == after.scene.start_us
    assert seen.scenes[-1].scene.end_us == analysis.duration_us


async def test_a_thumbnail_has_the_colours_of_its_frame(tmp_path: Path) -> None:
    red = np.full((72, 128, 3), (200, 30, 30), np.uint8)
    _, seen = await analyzed(films.drawn([red] * 5), tmp_path)
    shown = films.decoded(seen.scenes[0].thumbnail.jpeg)
    assert np.abs(shown.mean(axis=(0, 1)) - (200, 30, 30)).max() < 8


async def test_the_sprite_sheet_and_its_webvtt_cover_the_film(tmp_path: Path) -> None:
    analysis, seen = await analyzed(film("bikes.mp4"), tmp_path)
    (sheet,) = seen.sprites
    cues = [line for line in sheet.webvtt.splitlines() if "-->" in line]
    assert sheet.tiles == len(cues) == 5
    assert cues[0].startswith("00:00:00.000")
    assert cues[-1].endswith("00:00:10.000")
    assert films.decoded(sheet.jpeg).shape == (sheet.tile_height, 5 * sheet.tile_width, 3)
    assert sheet.webvtt.startswith("WEBVTT\n\n")
    assert analysis.duration_us == 10_000_000


async def test_progress_reaches_the_last_frame(tmp_path: Path) -> None:
    analysis, seen = await analyzed(film("codecs/bikes1s_vp9.webm"), tmp_path)
    assert seen.progress[-1] == Progress(analysis.frames, 960_000)


async def test_bit_rot_costs_frames_but_not_the_film(tmp_path: Path) -> None:
    analysis, _ = await analyzed(film("broken/bitrot.mp4"), tmp_path)
    assert analysis.frames >= EXPECTED["broken/bitrot.mp4"]["min_frames"]
    assert analysis.bad_packets > 0
    assert (analysis.partial, analysis.partial_reason) == (True, "bad_packets")


async def test_a_film_cut_short_is_partial(tmp_path: Path) -> None:
    analysis, _ = await analyzed(film("big_buck_bunny_0_30.webm")[:600_000], tmp_path)
    assert analysis.partial
    assert 0 < analysis.frames < 720


async def test_the_descriptor_of_the_film_stays_open_and_where_it_was(tmp_path: Path) -> None:
    seen = Seen()
    with unlinked(film("codecs/bikes1s_h264.mp4"), tmp_path) as descriptor:
        os.lseek(descriptor, 5, os.SEEK_SET)
        for _ in range(2):
            await told(descriptor, seen)
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == 5
    assert len(seen.scenes) == 2


async def test_a_probe_over_ranges_tells_what_the_film_is() -> None:
    found = await probed(film("rotated90.mp4"))
    assert (found.codec, found.width, found.height, found.size_bytes) == ("h264", 272, 640, 509_904)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", video_errors.EmptyFile),
        (b"hello", video_errors.NotAVideo),
        (film("bikes.mp4")[:200_000], video_errors.CorruptContainer),
        (film("broken/audio_only.mp4"), video_errors.NoVideoStream),
        (films.y4m(16_000, 16_000), video_errors.DimensionsTooLarge),
    ],
)
async def test_refusals_cross_the_process_border(
    data: bytes, error: type[errors.SightglassError], tmp_path: Path
) -> None:
    with pytest.raises(error):
        await probed(data)
    with pytest.raises(error):
        await analyzed(data, tmp_path)


async def test_what_reading_raises_comes_through_the_probe() -> None:
    async def read_range(_offset: int, _size: int) -> bytes:
        raise errors.ObjectChanged

    with pytest.raises(errors.ObjectChanged):
        await probed_by(read_range, 1000)


async def test_a_probe_that_is_given_too_few_bytes_fails_in_its_own_words() -> None:
    async def read_range(_offset: int, _size: int) -> bytes:
        return b"short"

    with pytest.raises(video_errors.DecoderCrashed, match="asked for 1000 bytes"):
        await probed_by(read_range, 1000)


async def test_a_probe_that_hangs_on_a_read_ends_in_a_timeout() -> None:
    async def read_range(_offset: int, _size: int) -> bytes:
        return await asyncio.get_running_loop().create_future()

    with pytest.raises(video_errors.DecodeTimeout):
        await probed_by(read_range, 1000, Limits(probe_wall_s=0.5))


async def test_an_analysis_beyond_its_wall_clock_ends_in_a_timeout(tmp_path: Path) -> None:
    with pytest.raises(video_errors.DecodeTimeout):
        await analyzed(film("bikes.mp4"), tmp_path, Limits(wall_s=0.05))


async def test_too_little_memory_is_told(tmp_path: Path) -> None:
    with pytest.raises(video_errors.MemoryLimit):
        await analyzed(film("big_buck_bunny_0_30.webm"), tmp_path, Limits(memory_bytes=230_000_000))


async def test_a_film_longer_than_its_header_said_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(video_errors.VideoTooLong):
        await analyzed(film("big_buck_bunny_0_30.webm"), tmp_path, Limits(max_frames=100))


async def test_what_a_callback_raises_comes_through(tmp_path: Path) -> None:
    class Failing(Seen):
        async def on_scene(self, scene: SceneFound) -> None:
            raise TimeoutError("of the callback itself")

    with unlinked(film("bikes.mp4"), tmp_path) as descriptor, pytest.raises(TimeoutError, match="itself"):
        await told(descriptor, Failing())


async def test_cancelling_leaves_no_process(tmp_path: Path) -> None:
    started = asyncio.Event()

    class Stuck(Seen):
        async def on_scene(self, scene: SceneFound) -> None:
            started.set()
            await asyncio.get_running_loop().create_future()

    with unlinked(film("bikes.mp4"), tmp_path) as descriptor:
        task = asyncio.create_task(told(descriptor, Stuck()))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


# --- decoders that misbehave -----------------------------------------------------------------------------------


@pytest.fixture
def outcome(tmp_path: Path) -> Outcome:
    """What an analysis raises whose decoder runs some code, with `connection` to the worker."""

    async def outcome(code: str, limits: Limits | None = None) -> Exception:
        with decoders_that(code, tmp_path), pytest.raises(errors.SightglassError) as caught:
            await analyzed(b"film", tmp_path, limits)
        return caught.value

    return outcome


async def test_one_decoder_serves_both_the_probe_and_the_analysis(tmp_path: Path) -> None:
    data, seen = film("codecs/bikes1s_h264.mp4"), Seen()

    async def read_range(offset: int, size: int) -> bytes:
        return data[offset : offset + size]

    others = children()
    with unlinked(data, tmp_path) as descriptor:
        async with decoder(Limits(probe_cpu_s=60)) as child:
            before = children()
            probe = await child.probe(read_range, len(data))
            analysis = await child.analyze(
                descriptor, on_progress=seen.on_progress, on_scene=seen.on_scene, on_sprite=seen.on_sprite
            )
            assert children() == before
    assert (probe.frames, analysis.frames, len(before - others)) == (25, 25, 1)


async def test_one_decoder_serves_the_probe_and_the_film_in_ranges() -> None:
    data = film("big_buck_bunny_0_30.webm")
    taken: list[object] = []

    async def read_range(offset: int, size: int) -> bytes:
        return data[offset : offset + size]

    async def take(one: object) -> None:
        taken.append(one)

    # What a probe may take is too little for a range.
    async with decoder(Limits(probe_memory_bytes=230_000_000)) as child:
        await child.probe(read_range, len(data))
        ranges = ranges_of(child)
        plan = await ranges.plan(read_range, len(data), 10_000_000)
        done = await ranges.analyze(
            RangeSpan(plan.first_pts, end_pts=plan.key_pts[0]), read_range, len(data),
            on_progress=take, on_piece=take, on_tile=take, on_motion=take, on_look=None,
        )  # fmt: skip
        assert isinstance(done, RangeDone)
        tiles = [one for one in taken if isinstance(one, TileFound)]
        assert (await ranges.sheet(tiles, expected_us=None, duration_us=10_000_000)).tiles == len(tiles)


async def test_a_decoder_that_dies_of_a_signal_has_crashed(outcome: Outcome) -> None:
    error = await outcome("os.kill(os.getpid(), signal.SIGSEGV)")
    assert isinstance(error, video_errors.DecoderCrashed)


async def test_a_decoder_that_the_kernel_kills_was_out_of_memory(outcome: Outcome) -> None:
    error = await outcome("os.kill(os.getpid(), signal.SIGKILL)")
    assert isinstance(error, video_errors.OutOfMemory)


async def test_a_decoder_that_uses_up_its_cpu_time_is_told(outcome: Outcome) -> None:
    error = await outcome("os.kill(os.getpid(), signal.SIGXCPU)")
    assert isinstance(error, video_errors.ProcessorLimit)


async def test_a_decoder_that_just_ends_has_crashed(outcome: Outcome) -> None:
    assert isinstance(await outcome("sys.exit(0)"), video_errors.DecoderCrashed)


async def test_a_decoder_that_hangs_times_out(outcome: Outcome) -> None:
    error = await outcome("time.sleep(600)", Limits(wall_s=0.5))
    assert isinstance(error, video_errors.DecodeTimeout)


GARBAGE = [
    b"\xff" * 100,
    b"\x00\x00\x00\x04\x00\x00\x00\x00nope",
    WIRE.packed(Message("scene", {"index": "x"}, b"jpeg")),
    WIRE.packed(Message("scene", {"thumbnail": 1})),
    WIRE.packed(Message("analysis", {})),
    WIRE.packed(Message("surprise", {})),
    2 * WIRE.packed(Message("film", {})),
    WIRE.packed(Message("error", {"code": "upload_not_found"})),
    WIRE.packed(Message("error", {"code": ["x"], "context": 5})),
]


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_a_decoder_that_speaks_garbage_has_crashed(garbage: bytes, outcome: Outcome) -> None:
    error = await outcome(f"connection.sendall({garbage!r})")
    assert isinstance(error, video_errors.DecoderCrashed)
