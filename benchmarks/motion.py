"""What watching for motion costs beside decoding, and how right its tracks are on drawn films."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import av

from benchmarks.figure import Figure, at_most, ratio_at_most
from benchmarks.motion_drawn import FILMS, MORE_FILMS, Drawn, draw
from benchmarks.scenes_films import full_hd
from sightglass_worker.decode.frames import in_bursts
from sightglass_worker.decode.movement import MovementWatcher
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.motion.association import union_share
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.domain.motion.tracks import TrackBuilder

_FRAME_US: Final = 40_000
_REPEATS: Final = 3
# The overlap at which a box counts as found.
_FOUND: Final = 0.5


@dataclass(slots=True)
class _Watched:
    """A film, watched: its samples, and the CPU seconds of looking and of all else, which is decoding."""

    samples: list[MotionSample]
    looking_s: float
    decoding_s: float


@dataclass(slots=True)
class _Counts:
    """Boxes of tracks that were right, that were told and that are true; and changes of a square's track."""

    right: int = 0
    told: int = 0
    true: int = 0
    switches: int = 0


def figures() -> list[Figure]:
    """Measure; takes a minute or two of CPU."""
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        return [*_cost(Path(folder)), *_accuracy(Path(folder))]


def _cost(folder: Path) -> list[Figure]:
    film = full_hd(folder / "film.mp4")
    runs = [_watched(film) for _ in range(_REPEATS)]
    looking = median(run.looking_s for run in runs)
    decoding = median(run.decoding_s for run in runs)
    samples = runs[0].samples
    start = time.process_time()
    tracks = TrackBuilder()
    for sample in samples:
        tracks.push(sample, scene_break=False)
    tracks.finish()
    joining = time.process_time() - start
    return [
        at_most("motion, a sample of 1080p", 1000 * looking / len(samples), "CPU ms", 2.0),
        ratio_at_most("motion, 39 s of 1080p, beside pure PyAV decode", looking, "CPU s", decoding, 0.12),
        at_most("tracks, a sample", 1000 * joining / len(samples), "CPU ms", 0.2),
    ]


def _watched(film: Path) -> _Watched:
    watcher, found, looking_s = MovementWatcher(), list[MotionSample](), 0.0
    start = time.process_time()
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_type = "NONE"
        number = 0
        for burst in in_bursts(container.decode(stream)):
            before = time.process_time()
            while burst:
                frame = burst.popleft()
                if watcher.wants(number * _FRAME_US):
                    found += watcher.look(frame, number * _FRAME_US)
                number += 1
            looking_s += time.process_time() - before
    before = time.process_time()
    found += watcher.finish()
    looking_s += time.process_time() - before
    return _Watched(found, looking_s, time.process_time() - start - looking_s)


def _accuracy(folder: Path) -> list[Figure]:
    found: list[Figure] = []
    for film in (*FILMS, *MORE_FILMS):
        counts = _counted(film, _watched(draw(film, folder / "drawn.mp4")).samples)
        if film.squares:
            found += [
                Figure(f"precision of boxes, {film.name}", _share(counts.right, counts.told), "share"),
                Figure(f"recall of boxes, {film.name}", _share(counts.right, counts.true), "share"),
                Figure(f"switches of tracks, {film.name}", counts.switches, "switches"),
            ]
        else:
            found.append(at_most(f"boxes of tracks, {film.name}", counts.told, "boxes", 0))
    return found


def _counted(film: Drawn, samples: Sequence[MotionSample]) -> _Counts:
    builder = TrackBuilder()
    for sample in samples:
        builder.push(sample, scene_break=False)
    told: dict[int, list[tuple[Box, int]]] = {}
    for track in builder.finish():
        for seen in track.samples:
            told.setdefault(seen.t_us, []).append((seen.box, track.number))
    counts, last = _Counts(), dict[int, int]()
    for sample in samples:
        _count(film, sample.t_us, told.get(sample.t_us, []), counts, last)
    return counts


def _count(film: Drawn, t_us: int, told: list[tuple[Box, int]], counts: _Counts, last: dict[int, int]) -> None:
    """Count one sample's boxes. A box of a square that is less than half in the picture is neither right nor wrong."""
    whole, parts = film.truth(t_us), film.truth(t_us, least=0.0)
    counts.true += len(whole)
    left = list(told)
    for number, true in parts.items():
        overlap, _, box, track = max(
            ((union_share(box, true), -track, box, track) for box, track in left), default=(0.0, 0, true, 0)
        )
        if overlap < _FOUND and (number in whole or not overlap):
            continue
        left.remove((box, track))
        if number in whole:
            counts.right += 1
            counts.told += 1
            counts.switches += last.get(number, track) != track
            last[number] = track
    counts.told += len(left)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 0.0
