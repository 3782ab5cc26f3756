"""What a probe tells of sound films, and how it refuses the others."""

import json
from typing import Any

import pytest
from tests import films
from tests.films import film
from tests.unit.worker.forged_long import after_sound

from sightglass_common import errors, video_errors
from sightglass_common.errors import SightglassError
from sightglass_worker.decode import container
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.probe import probe
from sightglass_worker.decode.results import AudioStream, Probe
from sightglass_worker.decode.source import RangedFile

EXPECTED: dict[str, Any] = json.loads(film("expected.json"))
CODECS = {
    "bikes1s_av1.mp4": "av1",
    "bikes1s_h264.mp4": "h264",
    "bikes1s_hevc10.mp4": "hevc",
    "bikes1s_mpeg2.ts": "mpeg2video",
    "bikes1s_mpeg4.avi": "mpeg4",
    "bikes1s_vp9.webm": "vp9",
}
SOUND = [n for n in EXPECTED if n.endswith((".mp4", ".webm"))] + [f"codecs/{n}" for n in CODECS]


def probed(data: bytes, limits: Limits | None = None, asked: list[int] | None = None) -> Probe:
    def fetch(offset: int, size: int) -> bytes:
        if asked is not None:
            asked.append(size)
        return data[offset : offset + size]

    return probe(RangedFile(fetch, len(data)), limits or Limits())


@pytest.mark.parametrize("name", [n for n in EXPECTED if "size" in EXPECTED[n]])
def test_size_is_told_as_shown(name: str) -> None:
    found = probed(film(name))
    assert [found.width, found.height] == EXPECTED[name]["size"]
    assert found.rotation == EXPECTED[name].get("rotation", 0)


@pytest.mark.parametrize(("name", "codec"), CODECS.items())
def test_codecs_are_named(name: str, codec: str) -> None:
    found = probed(film(f"codecs/{name}"))
    assert (found.codec, found.duration_us, found.average_rate) == (codec, 1_000_000, 25.0)
    assert found.bit_depth == (10 if "hevc10" in name else 8)


@pytest.mark.parametrize(
    ("made", "codec", "name"),
    [
        ("mp4", "libx264", "mp4"),
        ("mov", "libx264", "mov"),
        ("3gp", "libx264", "3gp"),
        ("3g2", "libx264", "3gp"),
        ("matroska", "libx264", "matroska"),
        ("webm", "libvpx", "webm"),
        ("avi", "mpeg4", "avi"),
        ("mpegts", "libx264", "mpegts"),
    ],
)
def test_a_container_is_called_what_a_person_calls_it(made: str, codec: str, name: str) -> None:
    images = [films.texture(1, rows=144, columns=176)] * 3
    assert probed(films.drawn(images, container=made, codec=codec)).container == name


def test_mp4_without_a_brand_is_quicktime() -> None:
    data = film("codecs/bikes1s_h264.mp4")
    assert probed(data.replace(b"ftyp", b"free", 1)).container == "mov"


@pytest.mark.parametrize("lost", [1, 100, 187])
def test_a_transport_stream_may_begin_in_the_middle_of_a_packet(lost: int) -> None:
    whole = films.drawn([films.texture(n) for n in range(10)], container="mpegts")
    found = probed(whole[lost:])
    assert (found.container, found.codec, found.width, found.height) == ("mpegts", "h264", 128, 72)


def test_the_offset_of_a_transport_stream_is_kept() -> None:
    assert probed(film("codecs/bikes1s_mpeg2.ts")).start_offset_us == 1_440_000


@pytest.mark.parametrize(
    ("made", "codec"), [("matroska", "libx264"), ("webm", "libvpx"), ("asf", "wmv2"), ("mp4", "libx264")]
)
def test_a_film_whose_clock_begins_late_is_no_longer_than_its_pictures(made: str, codec: str) -> None:
    late_ms = 3_600_000
    images = [films.texture(1, rows=144, columns=176)] * 25
    found = probed(films.drawn(images, container=made, codec=codec, times=range(late_ms, late_ms + 1000, 40)))
    assert (found.start_offset_us, found.duration_us) == (3_600_000_000, 1_000_000)


def test_a_variable_rate_is_hinted_at() -> None:
    assert probed(film("vfr.mp4")).variable_rate
    assert not probed(film("bikes.mp4")).variable_rate


def test_sound_is_listed() -> None:
    assert [(s.codec, s.channels) for s in probed(film("big_buck_bunny_0_30.webm")).audio] == [("vorbis", 2)]


def test_sound_that_there_is_no_decoder_for_does_not_cost_the_film() -> None:
    found = probed(after_sound(film("codecs/bikes1s_h264.mp4")))
    assert (found.codec, found.audio) == ("h264", (AudioStream("unknown", 0, 0),))


@pytest.mark.parametrize("name", SOUND)
def test_a_probe_reads_little(name: str) -> None:
    asked: list[int] = []
    probed(film(name), asked=asked)
    assert len(asked) <= 4
    assert sum(asked) <= 1_000_000


BIKES = film("bikes.mp4")
HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
DASH = b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>'
BROKEN: list[tuple[str, bytes, type[SightglassError]]] = [
    ("zero bytes", b"", video_errors.EmptyFile),
    ("text", b"This is no video. It only has the name of one.\n", video_errors.NotAVideo),
    ("tail cut", BIKES[:200_000], video_errors.CorruptContainer),
    ("no moov", films.without_moov(BIKES), video_errors.CorruptContainer),
    ("only a mark", BIKES[:12], video_errors.CorruptContainer),
    ("sound only", film("broken/audio_only.mp4"), video_errors.NoVideoStream),
    ("unknown codec", films.without_decoder(film("codecs/bikes1s_h264.mp4")), video_errors.UnsupportedCodec),
    ("encrypted", films.encrypted(film("codecs/bikes1s_h264.mp4")), video_errors.EncryptedMedia),
    ("raw bomb", films.y4m(16_000, 16_000), video_errors.DimensionsTooLarge),
    ("larger raw bomb", films.y4m(65_500, 65_500), video_errors.DimensionsTooLarge),
    ("AVI bomb", films.avi_of_size(16_000, 16_000), video_errors.DimensionsTooLarge),
    ("HLS playlist", HLS, video_errors.NotAVideo),
    ("DASH manifest", DASH, video_errors.NotAVideo),
    ("concat list", b"ffconcat version 1.0\nfile '/etc/passwd'\n", video_errors.NotAVideo),
    ("sound in RIFF", b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(100), video_errors.NotAVideo),
    ("picture", b"\x89PNG\r\n\x1a\n" + bytes(100), video_errors.NotAVideo),
]


@pytest.mark.parametrize(("data", "error"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_cannot_be_analysed_is_refused_with_its_reason(data: bytes, error: type[SightglassError]) -> None:
    with pytest.raises(error) as caught:
        probed(data)
    assert type(caught.value) is error
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        (Limits(max_bytes=1000), errors.ObjectTooLarge),
        (Limits(max_duration_us=9_000_000), video_errors.VideoTooLong),
        (Limits(max_frames=249), video_errors.VideoTooLong),
        (Limits(cpu_s=0), video_errors.ProcessorLimit),
        (Limits(max_pixels=640 * 272 - 1), video_errors.DimensionsTooLarge),
    ],
)
def test_limits_refuse_by_the_header(limits: Limits, error: type[SightglassError]) -> None:
    with pytest.raises(error):
        probed(BIKES, limits)


@pytest.mark.parametrize("data", [films.png(films.texture(1)), HLS, DASH])
def test_only_known_containers_are_opened_even_if_the_first_bytes_are_taken_for_one(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def anything(_head: bytes) -> bool:
        return True

    monkeypatch.setattr(container, "looks_like_video", anything)
    with pytest.raises(SightglassError):
        probed(data)


def test_every_cut_of_a_sound_file_is_refused_or_read() -> None:
    data = film("codecs/bikes1s_h264.mp4")
    for size in range(0, len(data), 997):
        try:
            assert probed(data[:size]).codec == "h264"
        except (
            video_errors.EmptyFile,
            video_errors.NotAVideo,
            video_errors.CorruptContainer,
            video_errors.NoVideoStream,
        ):
            continue


def test_a_drawn_film_has_the_shape_that_was_drawn() -> None:
    data = films.drawn([films.texture(1)] * 10)
    found = probed(data)
    assert (found.width, found.height, found.frames) == (128, 72, 10)


def test_what_takes_longer_than_it_may_even_if_nothing_moves_is_refused_by_its_header() -> None:
    """Two hours of 8K at 25 frames a second take 640 s where each frame repeats the one before."""
    data = bytearray(films.avi_of_size(8192, 4320))
    at = data.index(b"strh") + 8 + 32  # dwLength of the stream: its frames
    data[at : at + 4] = (2 * 3600 * 25).to_bytes(4, "little")
    assert probed(bytes(data)).frames == 2 * 3600 * 25
    with pytest.raises(video_errors.ProcessorLimit, match="180000 frames of 8192x4320 take 637 s"):
        probed(bytes(data), Limits(cpu_s=600))
