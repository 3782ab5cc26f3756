"""What benchmarks/scenes.py measures, one run a process: `python scenes_runs.py TOOL FILE`.

TOOL: `decode` (pure PyAV), `sightglass` (the decoder process), or the name of a detector of
PySceneDetect (with OpenCV, in the environment of infra/bench). Prints one line of JSON:
`{"cpu_s", "rss_mib", "cut_s"}`: user and system time, resident peak, times of cuts in seconds.
Imports only what its tool needs, as each environment has only that.
"""

# ruff: noqa: PLC0415 -- see above

import json
import os
import re
import resource
import sys
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


def children_mib() -> list[float]:
    """The peaks of the processes that this one has started."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [peak_mib(pid) for pid in pids]


def decode(path: str) -> list[float]:
    """Decode every frame on one thread, and do nothing with it."""
    import av

    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        for _ in container.decode(stream):
            pass
    return []


def sightglass(path: str, peaks: list[float]) -> list[float]:
    """Probe and analyse the film in a decoder process, as the worker does; note that process's peaks."""
    import asyncio

    from sightglass_worker.decode.limits import Limits
    from sightglass_worker.decode.results import SceneFound
    from sightglass_worker.decode.run import decoder

    cuts: list[float] = []

    async def watch(_: object) -> None:
        peaks.extend(children_mib())

    async def on_scene(found: SceneFound) -> None:
        await watch(found)
        if found.scene.boundary_kind in _WITH_A_CUT:
            cuts.append(found.scene.start_us / 1e6)

    async def run(film: int, size_bytes: int) -> None:
        async def read_range(offset: int, size: int) -> bytes:
            return os.pread(film, size, offset)

        async with decoder(Limits()) as child:
            await child.probe(read_range, size_bytes)
            await child.analyze(film, on_progress=watch, on_scene=on_scene, on_sprite=watch)

    with Path(path).open("rb") as film:
        asyncio.run(run(film.fileno(), film.seek(0, os.SEEK_END)))
    return cuts


def scenedetect(path: str, detector: str) -> list[float]:
    """Let PySceneDetect find the scenes, by its defaults: `content`, `adaptive`, `threshold`, `hash`, `histogram`."""
    from scenedetect import SceneManager, detectors, open_video

    manager = SceneManager()
    manager.add_detector(getattr(detectors, f"{detector.title()}Detector")())
    manager.detect_scenes(open_video(path, backend="opencv"))
    return [start.seconds for start, _ in manager.get_scene_list()[1:]]


def main(tool: str, path: str) -> None:
    """Run one tool on one film and print what it took."""
    peaks = [0.0]
    if tool == "sightglass":
        cuts = sightglass(path, peaks)
    else:
        cuts = decode(path) if tool == "decode" else scenedetect(path, tool)
    # The worker's own process runs anyway; what a film costs is its decoder process.
    spent = resource.getrusage(resource.RUSAGE_CHILDREN if tool == "sightglass" else resource.RUSAGE_SELF)
    rss = peak_mib("self") + max(peaks)
    print(json.dumps({"cpu_s": spent.ru_utime + spent.ru_stime, "rss_mib": rss, "cut_s": cuts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
