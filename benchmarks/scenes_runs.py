"""What benchmarks/scenes.py measures, one run a process: `python scenes_runs.py TOOL FILE`.

TOOL: `decode` (pure PyAV), `sightglass` (the decoder process), or the name of a detector of
PySceneDetect (with OpenCV, in the environment of infra/bench). Prints one line of JSON:
`{"cpu_s", "rss_mib", "cut_s", "start_cpu_s"}`: user and system time of the film alone, resident peak,
times of cuts in seconds, and user and system time of what comes once, before the first film.
Imports only what its tool needs, as each environment has only that.
"""

# ruff: noqa: PLC0415 -- see above

import json
import os
import re
import resource
import sys
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

# Boundaries of ours that are where one picture replaces another at once; the others take time.
_WITH_A_CUT = ("cut", "fade_in", "fade_out")


def peak_mib(pid: int | str) -> float:
    """The resident peak of a process since its last exec; 0 if it is gone.

    Not ru_maxrss, which a child takes over from the process that started it.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0


def private_mib(pid: int | str) -> float:
    """What a process has resident that no other shares."""
    shown = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kib) for kib in re.findall(r"Private_(?:Clean|Dirty):\s+(\d+) kB", shown)) / 1024


def cpu_s(who: int = resource.RUSAGE_SELF) -> float:
    """User and system time until now."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


@dataclass
class Run:
    """What a run took. cut_s: of what it found."""

    cpu_s: float = 0.0
    rss_mib: float = 0.0
    start_cpu_s: float = 0.0
    cut_s: list[float] = field(default_factory=list[float])


def decode(path: str) -> Run:
    """Decode every frame on one thread, and do nothing with it."""
    import av

    start = cpu_s()
    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        for _ in container.decode(stream):
            pass
    return Run(cpu_s() - start, peak_mib("self"), start)


def sightglass(path: str, *, moving: bool = False) -> Run:
    """Probe and analyse the film in a decoder process, as the worker does. Its own process runs anyway.

    moving: look for what moves, too.
    """
    import asyncio

    from sightglass_worker.decode.forking import FORKS
    from sightglass_worker.decode.limits import Limits
    from sightglass_worker.decode.results import Analysis, Progress, SceneFound, SpriteSheet
    from sightglass_worker.decode.run import decoder
    from sightglass_worker.domain.motion.samples import MotionSample

    run = Run()

    async def watch(_: Progress | SpriteSheet | Analysis | MotionSample) -> None:
        run.rss_mib = max(run.rss_mib, private_mib(FORKS.pid or 0))

    async def on_scene(found: SceneFound) -> None:
        if found.scene.boundary_kind in _WITH_A_CUT:
            run.cut_s.append(found.scene.start_us / 1e6)

    async def analyze(film: int, size_bytes: int) -> None:
        async def read_range(offset: int, size: int) -> bytes:
            return os.pread(film, size, offset)

        async with decoder(Limits()) as child:
            await child.probe(read_range, size_bytes)
            on_motion = watch if moving else None
            await watch(
                await child.analyze(film, on_progress=watch, on_scene=on_scene, on_sprite=watch, on_motion=on_motion)
            )
        run.cpu_s += child.spent.cpu_us / 1e6
        run.rss_mib += child.spent.peak_bytes / 2**20 + peak_mib("self")

    with Path(path).open("rb") as film:
        asyncio.run(analyze(film.fileno(), film.seek(0, os.SEEK_END)))
    FORKS.close()
    run.start_cpu_s = cpu_s(resource.RUSAGE_CHILDREN) - run.cpu_s
    return run


def scenedetect(path: str, detector: str) -> Run:
    """Let PySceneDetect find the scenes, by its defaults: `content`, `adaptive`, `threshold`, `hash`, `histogram`."""
    from scenedetect import SceneManager, detectors, open_video

    start = cpu_s()
    manager = SceneManager()
    manager.add_detector(getattr(detectors, f"{detector.title()}Detector")())
    manager.detect_scenes(open_video(path, backend="opencv"))
    cuts = [start.seconds for start, _ in manager.get_scene_list()[1:]]
    return Run(cpu_s() - start, peak_mib("self"), start, cuts)


def main(tool: str, path: str) -> None:
    """Run one tool on one film and print what it took."""
    ours = {"decode": decode, "sightglass": sightglass, "moving": partial(sightglass, moving=True)}
    run = ours[tool](path) if tool in ours else scenedetect(path, tool)
    print(json.dumps(asdict(run)))


if __name__ == "__main__":
    main(*sys.argv[1:])
