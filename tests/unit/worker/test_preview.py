"""A look at the key frames of films in a decoder process, through ranges: scenes, times, and what it does not know."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest
from av.container import OutputContainer
from tests.films import FILMS, Image, decoded, drawn, film, texture
from tests.unit.worker.encodings import ENCODINGS, encoded

from sightglass_common.errors import DownloadFailed, SightglassError
from sightglass_common.video_errors import CorruptStream
from sightglass_worker.decode.key_frames import KeyFrameReader
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.results import Preview, PreviewScene, Progress
from sightglass_worker.decode.run import decoder

FRAME_US = 40_000


@dataclass
class Seen:
    """What a preview told, and which ranges it asked for."""

    scenes: list[PreviewScene] = field(default_factory=list[PreviewScene])
    reads: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    @property
    def starts_us(self) -> list[int]:
        return [found.scene.start_us for found in self.scenes]


async def previewed(data: bytes, limits: Limits | None = None) -> tuple[Preview, Seen]:
    seen = Seen()

    async def read_range(offset: int, size: int) -> bytes:
        seen.reads.append((offset, size))
        return data[offset : offset + size]

    async def on_scene(found: PreviewScene) -> None:
        seen.scenes.append(found)

    async def on_progress(_: Progress) -> None:
        pass

    async with decoder(limits or Limits()) as child:
        await child.probe(read_range, len(data))
        seen.reads.clear()
        return await child.preview(read_range, len(data), on_progress=on_progress, on_scene=on_scene), seen


def copied(data: bytes, container: str, change: Callable[[Any], None] = lambda _: None, **options: str) -> bytes:
    """The packets of a film's first video stream, each changed, in another container."""
    out = io.BytesIO()
    with av.open(out, "w", container, container_options=options) as target:
        _copy(data, target, change)
    return out.getvalue()


def _copy(data: bytes, target: OutputContainer, change: Callable[[Any], None] = lambda _: None) -> None:
    with av.open(io.BytesIO(data), "r") as source:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                change(packet)
                packet.stream = stream
                target.mux(packet)


@pytest.mark.parametrize("name", ENCODINGS)
async def test_a_film_in_any_codec_is_previewed(name: str) -> None:
    preview, seen = await previewed(encoded(name))
    assert 1 <= preview.key_frames <= 4
    assert (preview.bad_packets, preview.partial, preview.duration_us) == (0, False, 1_000_000)
    assert (preview.width, preview.height) == (160, 90)
    assert [(f.scene.start_us, f.scene.end_us, f.scene.boundary_kind) for f in seen.scenes] == [(0, 1_000_000, "start")]
    assert decoded(seen.scenes[0].thumbnail.jpeg).shape == (90, 160, 3)


@pytest.mark.parametrize("name", ["bikes.mp4", "rotated90.mp4", "big_buck_bunny_0_30.webm"])
async def test_cuts_at_which_the_encoder_put_key_frames_are_told_to_the_frame(name: str) -> None:
    preview, seen = await previewed(film(name))
    truth = json.loads((FILMS / "expected.json").read_text())[name]
    frame_us = 1e6 / truth["fps"]
    assert [round(start / frame_us) for start in seen.starts_us] == [0, *truth["hard_cuts"]]
    assert [preview.width, preview.height] == truth["size"]
    for here, following in pairwise(seen.scenes):
        assert here.scene.end_us == following.scene.start_us
        assert following.index == here.index + 1
    for found in seen.scenes:
        assert found.scene.start_us <= found.thumbnail.t_us < found.scene.end_us
    assert seen.scenes[-1].scene.end_us == preview.duration_us
    assert preview.duration_us == pytest.approx(truth["frames"] * frame_us, abs=3000)  # a header in milliseconds


async def test_a_cut_between_key_frames_is_told_at_the_second_and_how_late_that_may_be() -> None:
    images = [texture(1)] * 30 + [texture(2)] * 45
    data = drawn(images, codec="mpeg4", container="avi")
    with av.open(io.BytesIO(data), "r") as source:
        keys = [p.dts for p in source.demux(source.streams.video[0]) if p.size and p.is_keyframe]
    assert len(keys) > 2
    preview, seen = await previewed(data)
    (start_us,) = seen.starts_us[1:]
    assert 30 * FRAME_US <= start_us <= 30 * FRAME_US + preview.longest_gap_us


def with_key_frame_every(frames: int, images: Sequence[Image]) -> bytes:
    """An H.264 film whose key frames are where the encoder's time is up, and nowhere else."""
    out = io.BytesIO()
    with av.open(out, "w", "mp4") as target:
        options = {"g": str(frames), "sc_threshold": "0", "preset": "veryfast", "bf": "2", "qp": "12"}
        stream = cast("Any", target.add_stream("libx264", rate=25, options=options))
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()


async def test_a_film_with_one_key_frame_is_one_scene_and_says_so() -> None:
    preview, seen = await previewed(with_key_frame_every(1000, [texture(1)] * 60 + [texture(2)] * 60))
    assert (preview.key_frames, preview.longest_gap_us, preview.duration_us) == (1, 4_800_000, 4_800_000)
    assert (len(seen.scenes), preview.partial) == (1, False)


async def test_all_key_frames_of_an_mp4_are_found_and_what_lies_between_is_not_read() -> None:
    random = np.random.default_rng(3)
    data = with_key_frame_every(100, [random.integers(0, 256, (108, 192, 3), dtype=np.uint8) for _ in range(400)])
    preview, seen = await previewed(data)
    assert (preview.key_frames, preview.bad_packets) == (4, 0)
    assert sum(size for _, size in seen.reads) < len(data) / 3


@pytest.mark.parametrize(("rows", "smoothed"), [(704, True), (720, False)])
def test_edges_of_blocks_are_smoothed_where_they_would_be_seen(rows: int, smoothed: bool) -> None:
    slope = np.linspace(0, 255, 1280).astype(np.uint8)
    data = drawn([np.dstack([np.tile(np.roll(slope, 400 * colour), (rows, 1)) for colour in range(3)])])
    with av.open(io.BytesIO(data), "r") as whole, av.open(io.BytesIO(data), "r") as keys:
        usual = next(whole.decode(video=0)).to_ndarray(format="gray")
        seen = next(iter(KeyFrameReader(keys, keys.streams.video[0]))).to_ndarray(format="gray")
    assert np.array_equal(usual, seen) == smoothed
    assert np.abs(usual.astype(int) - seen).mean() < 1


async def test_a_film_whose_header_has_no_length_lasts_to_its_last_packet() -> None:
    data = copied(with_key_frame_every(1000, [texture(1)] * 120), "matroska", live="1")
    preview, seen = await previewed(data)
    assert (preview.duration_us, seen.scenes[-1].scene.end_us) == (4_800_000, 4_800_000)


@pytest.mark.parametrize(("cut_off", "key_frames"), [(20, 6), (100, 4)])
async def test_a_film_whose_edit_list_cuts_its_beginning_off_has_its_times_from_what_is_shown(
    cut_off: int, key_frames: int
) -> None:
    def earlier(packet: Any) -> None:
        packet.pts -= cut_off * 512
        packet.dts -= cut_off * 512

    data = copied(film("bikes.mp4"), "mp4", earlier, avoid_negative_ts="disabled")
    with av.open(io.BytesIO(data), "r") as source:
        assert next(source.demux(source.streams.video[0])).is_discard
    preview, seen = await previewed(data)
    shown = [frame - cut_off for frame in (30, 76, 137, 187, 242) if frame > cut_off]
    assert seen.starts_us == [0, *(frame * FRAME_US for frame in shown)]
    assert (preview.bad_packets, preview.key_frames) == (0, key_frames)


@pytest.mark.parametrize("container", ["matroska", "mpegts", "flv", "mov"])
async def test_in_every_container_the_times_are_the_same(container: str) -> None:
    _, seen = await previewed(copied(film("bikes.mp4"), container))
    assert [round(start / FRAME_US) for start in seen.starts_us] == [0, 30, 76, 137, 187, 242]


async def test_a_fragmented_mp4_is_previewed_to_its_end() -> None:
    data = copied(film("bikes.mp4"), "mp4", movflags="frag_keyframe+empty_moov")
    preview, seen = await previewed(data)
    assert [start // FRAME_US for start in seen.starts_us] == [0, 30, 76, 137, 187, 242]
    assert preview.duration_us == 10_000_000


async def test_a_damaged_film_gives_the_key_frames_that_can_be_decoded() -> None:
    preview, seen = await previewed(film("broken/bitrot.mp4"))
    assert preview.key_frames >= 1
    assert seen.scenes[-1].scene.end_us == preview.duration_us


async def test_key_frames_beyond_the_end_of_the_file_are_counted_and_make_it_partial(tmp_path: Path) -> None:
    whole = tmp_path / "whole.mp4"
    with av.open(str(whole), "w", container_options={"movflags": "faststart"}) as target:
        _copy(film("bikes.mp4"), target)
    preview, seen = await previewed(whole.read_bytes()[: whole.stat().st_size // 2])
    assert (preview.partial, preview.partial_reason) == (True, "bad_packets")
    assert 1 <= preview.bad_packets == 6 - preview.key_frames
    assert len(seen.scenes) >= 2


async def test_a_stream_that_ends_early_is_partial() -> None:
    data = bytearray(copied(film("bikes.mp4"), "matroska"))
    preview, _ = await previewed(bytes(data[: len(data) // 3]))
    assert (preview.partial, preview.partial_reason) in {(True, "ends_early"), (True, "bad_packets")}


async def test_a_film_none_of_whose_key_frames_can_be_decoded_is_refused() -> None:
    data = film("bikes.mp4")
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    with pytest.raises(CorruptStream):
        await previewed(data[:start] + bytes(end - start) + data[end:])


async def test_a_film_longer_than_allowed_is_refused() -> None:
    with pytest.raises(SightglassError) as refused:
        await previewed(film("bikes.mp4"), Limits(max_duration_us=5_000_000))
    assert refused.value.code == "too_long"


async def test_what_reading_raises_comes_through() -> None:
    data = film("bikes.mp4")

    async def read_range(_offset: int, _size: int) -> bytes:
        raise DownloadFailed

    async def ignore(_: object) -> None:
        pass

    async with decoder(Limits()) as child:
        with pytest.raises(DownloadFailed):
            await child.preview(read_range, len(data), on_progress=ignore, on_scene=ignore)
