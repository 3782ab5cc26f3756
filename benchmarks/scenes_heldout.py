"""Films with known cuts that no threshold was tuned on: shuffled shots of the samples, and drawn ones."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.scenes_films import SAMPLES

Image = NDArray[np.uint8]
_SIZE: Final = (480, 272)
# Shots of the samples by their first frame and the one after their last; the fade-in is left out.
_SHOTS: Final = {
    "bikes.mp4": [(0, 30), (30, 76), (76, 137), (137, 187), (187, 242)],
    "big_buck_bunny_0_30.webm": [(60, 283), (283, 376), (376, 551), (551, 720)],
}


@dataclass(slots=True)
class Reel:
    """Frames in a row, and what is known of them. cuts: frames that begin a scene by a hard cut.

    changes: spans of frames in which a fade through black changes the scene, which a tool may tell or not.
    """

    frames: list[Image] = field(default_factory=list[Image])
    cuts: list[int] = field(default_factory=list[int])
    changes: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def cut_to(self, shot: Iterable[Image]) -> "Reel":
        """Go on with another shot."""
        if self.frames:
            self.cuts.append(len(self.frames))
        return self.go_on(shot)

    def go_on(self, frames: Iterable[Image]) -> "Reel":
        """Go on without a cut."""
        self.frames += frames
        return self

    def change_by(self, frames: Iterable[Image]) -> "Reel":
        """Go on with frames that fade through black to another scene."""
        start = len(self.frames)
        self.frames += frames
        self.changes.append((start, len(self.frames) + 1))
        return self


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A film on disk with its truth, in frames."""

    name: str
    path: Path
    rate: int
    cuts: list[int]
    changes: list[tuple[int, int]]


def films(folder: Path) -> Iterator[HeldOut]:
    """Make the films, the same ones each time."""
    shots = list(_shots())
    for number, (name, encoding, look) in enumerate(_ENCODINGS):
        reel = _shuffled(shots, np.random.default_rng(1000 + number))
        reel.frames = [look(frame) for frame in reel.frames]
        yield _written(folder, name, reel, encoding)
    for name, make in _DRAWN.items():
        yield _written(folder, name, make(shots), _DRAWN_ENCODING)


def _shots() -> Iterator[list[Image]]:
    for name, spans in _SHOTS.items():
        with av.open(str(SAMPLES / name), "r") as source:
            frames = [
                cast("Image", f.reformat(*_SIZE, "rgb24", interpolation="AREA").to_ndarray())
                for f in source.decode(video=0)
            ]
        yield from (frames[first:end] for first, end in spans)


def _shuffled(shots: list[list[Image]], random: np.random.Generator, lengths: tuple[int, ...] = ()) -> Reel:
    """A dozen pieces of shots in any order, none beside another of the same shot."""
    reel, last = Reel(), -1
    for length in lengths or tuple(int(n) for n in random.integers(14, 50, 12)):
        last = int(random.choice([i for i in range(len(shots)) if i != last]))
        start = int(random.integers(0, max(1, len(shots[last]) - length)))
        reel.cut_to(shots[last][start : start + length])
    return reel


def _plain(image: Image) -> Image:
    return image


def _mirrored(image: Image) -> Image:
    return np.ascontiguousarray(image[:, ::-1])


def _lit(gain: float, offset: float) -> Callable[[Image], Image]:
    return lambda image: (image * gain + offset).clip(0, 255).astype(np.uint8)


def _noisy(deviation: float) -> Callable[[Image], Image]:
    random = np.random.default_rng(5)
    return lambda image: (image + random.normal(0, deviation, image.shape)).clip(0, 255).astype(np.uint8)


def _small(image: Image) -> Image:
    return np.ascontiguousarray(image[::3, ::3][:90, :160])


@dataclass(frozen=True, slots=True)
class _Encoding:
    """How a film is stored."""

    codec: str
    container: str
    rate: int
    options: dict[str, str]


_FAST: Final = {"cpu-used": "8", "deadline": "realtime"}
_X264: Final = {"preset": "veryfast"}
_ENCODINGS: Final = (
    ("shuffled, VP9 at 150 kbit/s", _Encoding("libvpx-vp9", "webm", 25, {"b": "150k", **_FAST}), _plain),
    ("shuffled, MPEG-4 at 50 fps, mirrored", _Encoding("mpeg4", "avi", 50, {"b": "800k"}), _mirrored),
    ("shuffled, MPEG-2, dark", _Encoding("mpeg2video", "mpegts", 25, {"b": "1500k"}), _lit(0.4, 0)),
    (
        "shuffled, H.264 at lowest quality, pale",
        _Encoding("libx264", "mp4", 25, {"crf": "42", **_X264}),
        _lit(0.5, 120),
    ),
    ("shuffled, VP8 160x90 at 12 fps", _Encoding("libvpx", "webm", 12, {"b": "100k", **_FAST}), _small),
    ("shuffled, H.264, strong noise", _Encoding("libx264", "mp4", 25, _X264), _noisy(25)),
)
_DRAWN_ENCODING: Final = _Encoding("libx264", "mp4", 25, _X264)


def _short(shots: list[list[Image]]) -> Reel:
    lengths = (30, 10, 10, 30, 5, 30, 5, 5, 30, 3, 30, 10, 5, 30, 3, 3, 30)
    return _shuffled(shots, np.random.default_rng(77), lengths)


def _mixed(a: Image, b: Image, share: float) -> Image:
    return (a * (1 - share) + b * share).astype(np.uint8)


def _dissolves(shots: list[list[Image]]) -> Reel:
    """Dissolves of 12 and 25 frames, which are no cuts, and two cuts."""
    reel = Reel().cut_to(shots[0][:25])
    for here, there, frames in ((0, 5, 12), (5, 2, 25), (2, 6, 25)):
        steps = [(i + 1) / (frames + 1) for i in range(frames)]
        reel.go_on(_mixed(shots[here][25], shots[there][0], share) for share in steps).go_on(shots[there][:25])
    return reel.cut_to(shots[8][:30]).cut_to(shots[4][:30])


def _fades(shots: list[list[Image]]) -> Reel:
    """In from black, out and in through black, fast and slow; two cuts."""
    black = np.full_like(shots[0][0], 3)

    def fade(shot: list[Image], frames: int, *, out: bool) -> list[Image]:
        steps = [(i + 1) / (frames + 1) for i in range(frames)]
        return [_mixed(image, black, s if out else 1 - s) for image, s in zip(shot, steps, strict=False)]

    reel = Reel().go_on([black] * 12).go_on(fade(shots[5], 25, out=False)).go_on(shots[5][25:60])
    for here, there, frames in ((5, 3, 25), (3, 7, 6), (7, 1, 12)):
        through = [*fade(shots[here][20:], frames, out=True), *[black] * 8, *fade(shots[there], frames, out=False)]
        reel.change_by(through).go_on(shots[there][frames : frames + 20])
    return reel.cut_to(shots[6][:30]).cut_to(shots[0][:30]).go_on(fade(shots[0][5:], 20, out=True)).go_on([black] * 12)


def _pans(_shots: list[list[Image]]) -> Reel:
    """A camera's window that moves over pictures: slowly, fast, from rest and back to it; cuts between them."""
    with av.open(str(SAMPLES / "big_buck_bunny_0_30.webm"), "r") as source:
        wide = [
            cast("Image", f.to_ndarray(format="rgb24")) for i, f in enumerate(source.decode(video=0)) if i % 150 == 100
        ]
    reel = Reel()
    for picture, speeds in zip(wide, ([6] * 50, [20] * 38, [0] * 20 + [24] * 30 + [0] * 20, [35] * 22), strict=False):
        places = np.cumsum([0, *speeds])[:-1]
        reel.cut_to(picture[200:472, x : x + _SIZE[0]] for x in places)
    return reel


def _flashes(shots: list[list[Image]]) -> Reel:
    """Flashes of 1 to 4 frames, lightning that flickers, and two cuts."""
    bright = _lit(0.25, 190)
    reel = Reel()
    for shot, at in (
        (shots[5], ((20, 1), (45, 2), (70, 3), (95, 4))),
        (shots[7], ((20, 1), (22, 1), (24, 2), (60, 1))),
    ):
        lit = {at + i for at, length in at for i in range(length)}
        reel.cut_to(bright(image) if i in lit else image for i, image in enumerate(shot[:120]))
    return reel.cut_to(shots[2][:30])


def _page(seed: int, rows: int = 272) -> Image:
    """Dark lines of words on white."""
    random = np.random.default_rng(seed)
    page = np.full((rows, _SIZE[0], 3), 245, np.uint8)
    for y in range(16, rows - 12, 18):
        x = 24
        while (width := int(random.integers(12, 60))) and x + width < _SIZE[0] - 24:
            page[y : y + 9, x : x + width] = np.where(random.random((9, width, 1)) < 0.5, 40, 235)
            x += width + 8
    return page


def _slides(_shots: list[list[Image]]) -> Reel:
    """Pages of text that stand still."""
    reel = Reel()
    for seed in range(8):
        reel.cut_to([_page(100 + seed)] * 30)
    return reel


def _scrolling(_shots: list[list[Image]]) -> Reel:
    """Text that scrolls, evenly and by jerks of a line or more; two cuts."""
    reel = Reel()
    for seed, places in enumerate(
        ([4 * i for i in range(100)], [18 * (i // 10) for i in range(100)], [53 * (i // 12) for i in range(96)])
    ):
        long = _page(200 + seed, 272 + 800)
        reel.cut_to(long[y : y + 272] for y in places)
    return reel


_DRAWN: Final = {
    "cuts 3, 5 and 10 frames apart": _short,
    "dissolves": _dissolves,
    "fades": _fades,
    "pans": _pans,
    "flashes": _flashes,
    "slides": _slides,
    "scrolling text": _scrolling,
}


def _written(folder: Path, name: str, reel: Reel, encoding: _Encoding) -> HeldOut:
    path = folder / f"{''.join(c for c in name if c.isalnum())}.{encoding.container}"
    with av.open(str(path), "w", encoding.container) as target:
        stream = cast("Any", target.add_stream(encoding.codec, rate=encoding.rate, options=encoding.options))
        stream.height, stream.width = reel.frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        if bit_rate := encoding.options.get("b"):
            stream.bit_rate = int(bit_rate.removesuffix("k")) * 1000
        for number, image in enumerate(reel.frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, encoding.rate)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return HeldOut(name, path, encoding.rate, reel.cuts, reel.changes)
