"""Real films in ranges: whatever the encoder, the ranges together give what one run over the whole film gives."""

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, cast

import av
import numpy as np
import pytest
from tests.films import Image, film, repeated, texture

from sightglass_common.video_errors import NotAVideo
from sightglass_worker.decode.analysis import analyze_film
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.range_results import FilmPlan, PieceFound, RangeDone, RangeSpan, TileFound, Unsound
from sightglass_worker.decode.range_service import add_tiles
from sightglass_worker.decode.ranged import analyze_range
from sightglass_worker.decode.results import Progress, SceneFound
from sightglass_worker.decode.seeking import ScatteredError, plan
from sightglass_worker.decode.source import DescriptorFile, RangedFile
from sightglass_worker.decode.sprite import SpriteMaker
from sightglass_worker.decode.watching import watchers
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.ranges.found import FoundWriter, RangeFound
from sightglass_worker.ranges.joining import FilmJoiner, SeamDiffersError

SECOND = 1_000_000
_FRAMES = 165


def ranged_file(data: bytes) -> RangedFile:
    return RangedFile(lambda offset, size: data[offset : offset + size], len(data))


def drawn() -> Iterator[Image]:
    """Shots that pan, a dip to black, a flash and a dissolve: 6.6 s in which no frame is as the one before."""
    for n in range(_FRAMES):
        if n >= 110:
            share = min(1.0, max(0.0, (n - 130) / 20))
            yield np.roll((1 - share) * texture(3) + share * texture(4), (n - 110) % 30, axis=1).astype(np.uint8)
            continue
        shot = np.roll(texture(n // 40), n % 40, axis=1)
        dip = max(0.0, 1 - max(0, 12 - abs(n - 60)) / 8)
        yield (shot * dip).astype(np.uint8) if n != 95 else np.full_like(shot, 250)


MOVING = tuple(drawn())


def encoded(container: str, codec: str, options: dict[str, str], *, times: Iterable[int] | None = None) -> bytes:
    """The moving pictures at 25 a second, or at these times in milliseconds."""
    out = io.BytesIO()
    with av.open(out, "w", container) as target:
        stream = cast("Any", target.add_stream(codec, rate=25, options=options))
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for n, (image, t_ms) in enumerate(zip(MOVING, times or range(_FRAMES), strict=False)):
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts, frame.time_base = (n, Fraction(1, 25)) if times is None else (t_ms, Fraction(1, 1000))
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()


def run(data: bytes, span: RangeSpan) -> tuple[RangeFound | Unsound, list[ScreenLook]]:
    """One range as it is stored, and what of the screen is to be read."""
    writer, looks = FoundWriter(), list[ScreenLook]()
    for result in analyze_range(ranged_file(data), Limits(), span, ["motion", "screen"]):
        match result:
            case PieceFound():
                writer.piece(result)
            case TileFound():
                writer.tile(result)
            case MotionSample():
                writer.motion(result)
            case ScreenLook():
                looks.append(result)
            case RangeDone():
                return RangeFound(writer.finish(result, is_read=False)), looks
            case Unsound():
                return result, looks
            case _:
                assert isinstance(result, Progress)
    raise AssertionError("no end")


def spans(found: FilmPlan) -> list[RangeSpan]:
    edges = [None, *found.key_pts, None]
    return [RangeSpan(found.first_pts, a, b) for a, b in pairwise(edges)]


def joined(data: bytes, ranges: Iterable[RangeSpan]) -> tuple[Any, ...]:
    """Scenes, the analysis, the sprite sheet, samples of motion, looks."""
    return joined_of(run(data, span) for span in ranges)


def joined_of(ranges: Iterable[tuple[RangeFound | Unsound, list[ScreenLook]]]) -> tuple[Any, ...]:
    """The same of ranges that have been run."""
    joiner, scenes, sprite, motion, looks = FilmJoiner(), [], None, [], []
    for found, seen in ranges:
        assert isinstance(found, RangeFound)
        scenes += joiner.push(found)
        sprite = sprite or SpriteMaker(found.done.expected_us)
        add_tiles(sprite, found.tiles())
        motion += found.motion()
        looks += seen
    last, analysis = joiner.finish()
    assert sprite is not None
    return [*scenes, *last], analysis, sprite.sheet(analysis.duration_us), motion, looks


def whole(found: FilmPlan) -> list[RangeSpan]:
    return [RangeSpan(found.first_pts, restarts_us=found.key_us)]


ENCODERS: dict[str, Any] = {
    "H.264, closed": ("mp4", "libx264", {"x264-params": "keyint=10:min-keyint=10:scenecut=0:bframes=3"}),
    "H.264, open": ("mp4", "libx264", {"x264-params": "open-gop=1:keyint=12:min-keyint=4:bframes=3:b-pyramid=2"}),
    "H.264, open, MPEG-TS": ("mpegts", "libx264", {"x264-params": "open-gop=1:keyint=12:bframes=3"}),
    "H.264, Matroska": ("matroska", "libx264", {"x264-params": "keyint=9:bframes=2"}),
    "HEVC, open": ("mp4", "libx265", {"x265-params": "open-gop=1:keyint=12:min-keyint=6:bframes=4:log-level=none"}),
    "HEVC, open, MPEG-TS": ("mpegts", "libx265", {"x265-params": "open-gop=1:keyint=10:bframes=3:log-level=none"}),
    "MPEG-2": ("mpegts", "mpeg2video", {"g": "8", "bf": "2"}),
    "MPEG-4, AVI": ("avi", "mpeg4", {"g": "10", "bf": "0"}),
    "MPEG-4 with B-frames": ("mp4", "mpeg4", {"g": "10", "bf": "2"}),
    "VP9": ("webm", "libvpx-vp9", {"g": "15", "deadline": "realtime", "cpu-used": "8"}),
    # With as many threads as it likes the encoder has hung, once in some hundred times.
    "AV1": ("mp4", "libsvtav1", {"g": "16", "preset": "12", "svtav1-params": "lp=1"}),
}
# Refreshed bit by bit: the places at which a decoder may begin show nothing whole at first.
REFRESHED = {"x264-params": "intra-refresh=1:keyint=12:bframes=0:scenecut=0"}
UNSOUND: dict[str, Callable[[], bytes]] = {
    "intra refresh, MPEG-TS": cache(lambda: encoded("mpegts", "libx264", REFRESHED)),
    "intra refresh, Matroska": cache(lambda: encoded("matroska", "libx264", REFRESHED)),
    "damaged": lambda: film("broken/bitrot.mp4"),
}


@cache
def made(how: str) -> bytes:
    return encoded(*ENCODERS[how])


@pytest.mark.parametrize("how", ENCODERS)
def test_ranges_give_what_the_whole_film_gives(how: str) -> None:
    data = made(how)
    found = plan(ranged_file(data), Limits(), SECOND)
    assert found.whole_because is None
    assert len(found.key_pts) >= 5
    assert joined(data, spans(found)) == joined(data, whole(found))


@pytest.mark.parametrize("name", ["bikes.mp4", "big_buck_bunny_0_30.webm", "vfr.mp4", "rotated90.mp4"])
def test_sample_films_in_ranges_are_the_whole_films(name: str) -> None:
    data = film(name)
    found = plan(ranged_file(data), Limits(), SECOND)
    assert joined(data, spans(found)) == joined(data, whole(found))


def test_a_film_of_variable_rate_that_starts_late_keeps_its_times_in_ranges() -> None:
    times = [1075 + 40 * n + 17 * (n % 3) + (2000 if n > 80 else 0) for n in range(_FRAMES)]
    data = encoded("mp4", "libx264", {"x264-params": "keyint=10:bframes=3"}, times=times)
    found = plan(ranged_file(data), Limits(), SECOND)
    together = joined(data, spans(found))
    assert together == joined(data, whole(found))
    scenes, analysis, *_ = together
    assert analysis.variable_rate
    assert scenes[0].scene.start_us == 0


@pytest.mark.parametrize("how", ENCODERS)
def test_the_whole_film_as_one_range_is_what_a_plain_run_finds(how: str) -> None:
    same_as_plain(made(how))


@pytest.mark.parametrize("name", ["bikes.mp4", "vfr.mp4", "broken/bitrot.mp4"])
def test_a_sample_film_as_one_range_is_what_a_plain_run_finds(name: str) -> None:
    same_as_plain(film(name))


def same_as_plain(data: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        plain = list(analyze_film(DescriptorFile(file.fileno()), Limits(), watchers(["motion", "screen"])))
    scenes, analysis, sheet, motion, looks = joined(data, [RangeSpan(0)])
    assert [s for s in plain if isinstance(s, SceneFound)] == scenes
    assert [s for s in plain if isinstance(s, MotionSample)] == motion
    assert [s for s in plain if isinstance(s, ScreenLook)] == looks
    assert plain[-2:] == [sheet, analysis]


def test_a_film_whose_times_cannot_be_trusted_is_not_taken_in_ranges() -> None:
    data = encoded("mpeg", "mpeg2video", {"g": "8", "bf": "2"})  # a program stream times but some of its frames
    found = plan(ranged_file(data), Limits(), SECOND)
    ends = [run(data, span)[0] for span in spans(found)]
    assert Unsound("times_jump") in ends
    assert isinstance(run(data, RangeSpan(found.first_pts))[0], RangeFound)


@pytest.mark.parametrize("range_us", [SECOND // 2, SECOND, 3 * SECOND])
@pytest.mark.parametrize("made", UNSOUND.values(), ids=UNSOUND)
def test_ranges_of_a_film_that_is_not_sound_are_right_or_refused(made: Callable[[], bytes], range_us: int) -> None:
    data = made()
    found = plan(ranged_file(data), Limits(), range_us)
    ranges = [run(data, span) for span in spans(found)]
    if any(isinstance(ended, Unsound) for ended, _ in ranges):
        return
    try:
        together = joined_of(ranges)
    except SeamDiffersError:
        return
    assert together == joined(data, whole(found))


def test_ranges_of_different_films_do_not_join() -> None:
    one, other = made("H.264, closed"), film("bikes.mp4")
    first = spans(plan(ranged_file(one), Limits(), 3 * SECOND))
    second = spans(plan(ranged_file(other), Limits(), SECOND))
    joiner = FilmJoiner()
    (head, _), (tail, _) = run(one, first[0]), run(other, second[1])
    assert isinstance(head, RangeFound)
    assert isinstance(tail, RangeFound)
    list(joiner.push(head))
    with pytest.raises(SeamDiffersError):
        list(joiner.push(tail))


def test_a_film_without_later_key_frames_is_one_range() -> None:
    data = encoded("mp4", "libx264", {"x264-params": "keyint=infinite:scenecut=0"})
    assert plan(ranged_file(data), Limits(), SECOND).whole_because == "no_key_frames"


def test_planning_reads_little_of_a_film() -> None:
    data, read = repeated("bikes.mp4", 60), 0

    def fetch(offset: int, size: int) -> bytes:
        nonlocal read
        read += size
        return data[offset : offset + size]

    found = plan(RangedFile(fetch, len(data)), Limits(), 300 * SECOND)
    assert len(found.key_pts) == 1
    assert read < 2_000_000 < len(data) / 4


def test_a_film_whose_key_frames_take_too_much_reading_is_one_range() -> None:
    data, left = repeated("bikes.mp4", 20), 3

    def fetch(offset: int, size: int) -> bytes:
        nonlocal left
        left -= 1
        if left < 0:
            raise ScatteredError
        return data[offset : offset + size]

    assert plan(RangedFile(fetch, len(data)), Limits(), SECOND).whole_because == "scattered"


def test_what_is_no_film_is_refused_by_the_plan_too() -> None:
    with pytest.raises(NotAVideo):
        plan(ranged_file(b"words " * 1000), Limits(), SECOND)
