"""Films made to break a decoder: each ends as a result or an error with its code, cheaply, and opens nothing."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path

import pytest
from tests import films
from tests.films import film
from tests.processes import open_descriptors
from tests.unit.worker import forged_boxes as boxes
from tests.unit.worker import forged_films as forged
from tests.unit.worker.encodings import encoded
from tests.unit.worker.ordeal import MOST_BYTES, ordeal

from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.limits import Limits

FAR = 0x7FFFFFFF
MPEG2, MPEG2_LARGER = encoded("mpeg2"), encoded("mpeg2", width=320, height=180)

# What it is, the film, and how it ends.
HOSTILE: list[tuple[str, bytes, str]] = [
    # The broken films of expected.json.
    ("no bytes", b"", "empty_file"),
    ("text", b"This is no video. It only has the name of one.\n", "not_a_video"),
    ("tail cut", film("bikes.mp4")[:200_000], "corrupt_container"),
    ("no moov", films.without_moov(film("bikes.mp4")), "corrupt_container"),
    ("sound only", film("broken/audio_only.mp4"), "no_video_stream"),
    ("bit rot", film("broken/bitrot.mp4"), "partial"),
    # MP4: sizes of boxes.
    ("moov to the end of the file", boxes.box_size(b"moov", 0), "done"),
    ("moov smaller than its header", boxes.box_size(b"moov", 7), "corrupt_container"),
    ("moov of 4 GB", boxes.box_size(b"moov", 0xFFFFFFFF), "done"),
    ("moov of 2^63", boxes.box_size(b"moov", 1 << 63), "done"),
    ("mdat of 4 GB", boxes.box_size(b"mdat", 0xFFFFFFFF), "corrupt_container"),
    ("moov in moov", boxes.nested(b"moov", 5_000), "corrupt_container"),
    ("udta in udta", boxes.nested(b"udta", 5_000), "corrupt_container"),
    ("a thousand indexes", boxes.repeated_moov(1_000), "done"),
    # MP4: tables.
    ("table of 2^30 sizes", boxes.table("stsz", 0, 0x3FFFFFFF), "corrupt_container"),
    ("table of 2^31 equal sizes", boxes.table("stsz", 1, FAR), "corrupt_stream"),
    ("2^31 frames", boxes.table("stts", 1, FAR, 512), "too_long"),
    ("steps of two days", boxes.table("stts", 1, 25, FAR), "partial"),
    ("no steps", boxes.table("stts", 1, 25, 0), "partial"),
    ("chunks of 2^31 samples", boxes.table("stsc", 1, 1, FAR, 1), "done"),
    ("samples after the end", boxes.sample_at(1 << 62), "corrupt_stream"),
    ("samples at the end of all numbers", boxes.sample_at((1 << 63) - 10), "corrupt_stream"),
    ("samples before the beginning", boxes.sample_at((1 << 64) - 100), "corrupt_stream"),
    ("five hundred tracks", boxes.tracks(500), "corrupt_container"),
    ("thirty thousand tracks", boxes.tracks(30_000), "corrupt_container"),
    ("unknown codec", films.without_decoder(boxes.SOUND), "unsupported_codec"),
    ("encrypted", films.encrypted(boxes.SOUND), "encrypted"),
    # EBML.
    ("segment of 2^56", forged.endless_segment(), "done"),
    ("tags in tags", forged.nested_tags(5_000), "done"),
    ("attachment of 1 TB", forged.attachment_of(1 << 40), "done"),
    # AVI.
    ("frame count of 2^31", forged.avi_number(b"avih", 16, struct.pack("<I", FAR)), "done"),
    ("no rate", forged.avi_number(b"strh", 20, bytes(8)), "done"),
    ("frames of 68 years", forged.avi_number(b"strh", 20, struct.pack("<II", FAR, 1)), "too_long"),
    ("length of 2^31 frames", forged.avi_number(b"strh", 32, struct.pack("<I", FAR)), "too_long"),
    ("index of one frame", forged.avi_index(100_000), "partial"),
    ("lists in lists", forged.avi_lists(3_000), "done"),
    # Dimensions.
    ("AVI of 16000 x 16000", films.avi_of_size(16_000, 16_000), "dimensions_too_large"),
    ("GIF of 65535 x 65535", forged.gif(65_535, 65_535, 1), "dimensions_too_large"),
    ("raw of 65500 x 65500", films.y4m(65_500, 65_500), "dimensions_too_large"),
    ("raw with two sizes", forged.raw("W16 H16 W16000 H16000 F25:1", 384), "dimensions_too_large"),
    ("raw beyond all numbers", forged.raw("W99999999999 H99999999999 F25:1", 384), "corrupt_container"),
    ("VP9 of 16384 x 16384", forged.vp9_of_size(16_384, 16_384), "corrupt_container"),
    ("VP9 of 8192 x 4320", forged.vp9_of_size(8192, 4320), "corrupt_stream"),
    ("GIF of 4000 x 4000", forged.gif(4000, 4000, 10), "done"),
    ("one pixel", forged.raw("W1 H1 F25:1 C420jpeg", 3), "done"),
    ("one row", forged.raw("W10000 H1 F25:1 C420jpeg", 20_000), "done"),
    ("one column", forged.raw("W1 H10000 F25:1 C420jpeg", 20_000), "done"),
    ("gray", forged.raw("W16 H16 F25:1 Cmono", 256), "done"),
    # Times.
    ("rate of 0/0", forged.raw("W16 H16 F0:0 C420jpeg", 384), "done"),
    ("two thousand million frames a second", forged.raw(f"W16 H16 F{FAR}:1 C420jpeg", 384), "done"),
    ("a frame in 68 years", forged.raw(f"W16 H16 F1:{FAR} C420jpeg", 384), "too_long"),
    # What is no film.
    ("archive", forged.zipped(), "not_a_video"),
    ("picture", films.png(films.texture(1)), "not_a_video"),
    ("animated WebP", b"RIFF\xff\xff\xff\x7fWEBPVP8X" + bytes(100), "not_a_video"),
]


@pytest.fixture(autouse=True)
async def _nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    opened = open_descriptors()
    yield
    assert list(tmp_path.iterdir()) == []
    await asyncio.sleep(0)  # sockets are closed in the loop's next turn
    assert open_descriptors() <= opened


@pytest.mark.parametrize(("data", "end"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
async def test_a_hostile_film_has_its_end_in_little_memory(data: bytes, end: str) -> None:
    seen = await ordeal(data)
    assert seen.end == end
    assert len(seen.reads) <= 4
    assert sum(seen.reads) <= 1_000_000
    assert seen.error is None or not seen.error.retryable
    assert 0 < seen.peak_bytes <= MOST_BYTES


@pytest.mark.parametrize(
    "data",
    [boxes.samples(12_000_000), boxes.samples(20_000_000), boxes.compressed_moov(600)],
    ids=["12M", "20M", "zlib"],
)
async def test_an_index_that_grows_when_it_is_read_is_refused_in_little_memory(data: bytes) -> None:
    seen = await ordeal(data)
    assert seen.end in {"too_long", "corrupt_container", "no_video_stream", "memory_limit"}
    assert 0 < seen.peak_bytes <= MOST_BYTES


async def test_an_edit_list_that_repeats_the_film_for_ever_ends_at_its_limit() -> None:
    seen = await ordeal(boxes.edits(100_000), Limits(probe_cpu_s=3, cpu_s=3))
    assert seen.end == "processor_limit"


@pytest.mark.parametrize("data", [boxes.titled(b"K\xf6ln"), forged.avi_titled(b"K\xf6ln.\0")], ids=["MP4", "AVI"])
async def test_a_title_in_an_old_encoding_does_not_cost_the_film(data: bytes) -> None:
    assert (await ordeal(data)).end == "done"


@pytest.mark.parametrize("milliseconds", [1 << 52, 1 << 62])
async def test_a_last_frame_that_claims_to_last_for_ever_does_not_stretch_the_film(milliseconds: int) -> None:
    seen = await ordeal(forged.last_block_lasts(milliseconds))
    assert seen.analysis is not None
    assert seen.analysis.duration_us < 2_000_000


@pytest.mark.parametrize("wrong", [1 << 40, 1 << 62, -(1 << 40)])
def test_one_damaged_time_stamp_does_not_stretch_the_film(wrong: int) -> None:
    clock = FrameClock(Fraction(1, 25), Fraction(25))
    times = [clock.time_us(pts) for pts in (0, 1, 2, wrong, 4, 5)]
    assert times == [0, 40_000, 80_000, 120_000, 160_000, 200_000]


@pytest.mark.parametrize(("degrees", "rotation"), [(316, 0), (44, 0), (50, 90), (135.5, 180), (269, 270)])
async def test_a_film_at_an_angle_is_shown_at_the_nearest_right_one(degrees: float, rotation: int) -> None:
    seen = await ordeal(boxes.turned(-degrees))
    assert seen.probe is not None
    assert seen.analysis is not None
    assert seen.probe.rotation == seen.analysis.rotation == rotation


async def test_a_film_that_changes_its_size_keeps_its_frames() -> None:
    for parts in ((MPEG2, MPEG2_LARGER), (MPEG2_LARGER, MPEG2)):
        seen = await ordeal(forged.joined(*parts))
        assert seen.analysis is not None
        assert seen.analysis.frames >= 49  # the last one before a change is shown by the decoder or not


async def test_nothing_that_a_file_refers_to_is_opened() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/film.ts"
        for name, data in forged.playlists(address).items():
            end = (await ordeal(data)).end
            assert end in {"not_a_video", "corrupt_container"}, name
        assert (await ordeal(boxes.elsewhere(address))).end == "done"
        await asyncio.sleep(0)
        with pytest.raises(BlockingIOError):
            listener.accept()
