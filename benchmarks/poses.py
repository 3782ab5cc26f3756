"""What looking for poses costs with MediaPipe (`make pose`), for each picture that is looked at."""

import asyncio
import os
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from benchmarks.figure import Figure, at_most
from benchmarks.scenes_films import SAMPLES
from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.frames import FrameReader
from sightglass_worker.decode.people import PeopleWatcher
from sightglass_worker.domain.pose.people import PoseLook
from sightglass_worker.engines.errors import EngineMissing
from sightglass_worker.pose.engine import Picture
from sightglass_worker.pose.film import FilmPeople, FilmPoses
from sightglass_worker.pose.limits import PoseLimits
from sightglass_worker.pose.mediapipe_engine import MediaPipeEngine
from sightglass_worker.pose.process import PoseChoice, PoseFinder

_FILMS: Final = {"people": "bikes.mp4", "drawn film": "big_buck_bunny_0_30.webm"}
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def figures() -> list[Figure]:
    """Measure. Takes half a minute of CPU; nothing where MediaPipe is not installed."""
    try:
        return asyncio.run(_figures())
    except EngineMissing as missing:
        print(f"  not measured: {missing}")
        return []


async def _figures() -> list[Figure]:
    finder = PoseFinder(PoseChoice("mediapipe"), PoseLimits())
    await finder.start()
    found: list[Figure] = []
    try:
        for name, file in _FILMS.items():
            found += await _of_film(finder, name, SAMPLES / file)
        return [*found, Figure("poses, memory of the engine's process", _peak_mib(finder), "MiB")]
    finally:
        finder.end()


async def _of_film(finder: PoseFinder, name: str, path: Path) -> list[Figure]:
    making = _Making()
    looks = list(making.looks(path))
    own, engine = time.process_time(), _cpu_s(finder)
    people = await _people(FilmPoses(finder.find, finder.names), looks)
    spent_s = making.cpu_s + time.process_time() - own + _cpu_s(finder) - engine
    share = people.coverage.found / len(looks)
    each_ms, alone_ms = 1000 * spent_s / len(looks), 1000 * _alone_s(looks) / len(looks)
    return [
        at_most(f"poses, {name}: a picture made, sent and looked at", each_ms, "CPU ms", 25),
        Figure(
            f"poses, {name}: beside MediaPipe alone",
            round(each_ms, 3),
            "CPU ms",
            round(alone_ms, 3),
            round(each_ms / alone_ms, 3),
        ),
        Figure(f"poses, {name}: of that, making it", round(1000 * making.cpu_s / len(looks), 3), "CPU ms"),
        Figure(f"poses, {name}: pictures with somebody", round(share, 3), "of all"),
    ]


class _Making:
    """A film's pictures, and what making them took beside decoding."""

    def __init__(self) -> None:
        self.cpu_s = 0.0

    def looks(self, path: Path) -> Iterator[PoseLook]:
        """Decode on one thread, and look."""
        watcher = PeopleWatcher()
        with av.open(str(path), "r") as container:
            stream: Any = container.streams.video[0]
            stream.codec_context.thread_type = "NONE"
            stream.codec_context.thread_count = 1
            clock = FrameClock(stream.time_base or Fraction(1, 1000), stream.average_rate)
            for frame in FrameReader(container, stream):
                start = time.process_time()
                t_us = clock.time_us(frame.pts)
                made = list(watcher.look(frame, t_us)) if watcher.wants(t_us) else []
                self.cpu_s += time.process_time() - start
                yield from made


def _alone_s(looks: list[PoseLook]) -> float:
    """CPU of MediaPipe in this process, for the same pictures."""
    engine = MediaPipeEngine()
    start = time.process_time()
    for number, look in enumerate(looks):
        rgb = np.frombuffer(look.rgb, np.uint8).reshape(look.height, look.width, 3)
        engine.find(Picture(rgb, first=number == 0))
    return time.process_time() - start


async def _people(film: FilmPoses, looks: list[PoseLook]) -> FilmPeople:
    for look in looks:
        await film.take(look)
    return film.finish([0], 0)


def _cpu_s(finder: PoseFinder) -> float:
    fields = Path(f"/proc/{finder.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _peak_mib(finder: PoseFinder) -> float:
    status = Path(f"/proc/{finder.pid}/status").read_text("utf-8")
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)
