"""One preview, in a process of its own: `python -m benchmarks.preview_runs FILE`.

Prints one line of JSON: `{"cpu_s", "reader_cpu_s", "key_frames", "gap_s", "cut_s"}`: user and system time of the
decoder process and of the one that reads the file for it, how many key frames were looked at and how far they are
apart at most, and where scenes begin, in seconds.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from benchmarks.scenes_runs import cpu_s
from sightglass_worker.decode.launch import Ended
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.results import Preview, PreviewScene, Progress
from sightglass_worker.decode.run import decoder


async def preview(film: int, size_bytes: int) -> tuple[Preview, list[float], Ended]:
    """Probe and preview a film in a decoder process, as the worker does."""
    starts: list[float] = []

    async def read_range(offset: int, size: int) -> bytes:
        return os.pread(film, size, offset)

    async def on_progress(_: Progress) -> None:
        pass

    async def on_scene(found: PreviewScene) -> None:
        starts.append(found.scene.start_us / 1e6)

    async with decoder(Limits()) as child:
        await child.probe(read_range, size_bytes)
        seen = await child.preview(read_range, size_bytes, on_progress=on_progress, on_scene=on_scene)
    return seen, starts[1:], child.spent


def main(path: str) -> None:
    """Preview a film and print what it took."""
    with Path(path).open("rb") as film:
        before = cpu_s()
        seen, cuts, spent = asyncio.run(preview(film.fileno(), film.seek(0, os.SEEK_END)))
    told = {
        "cpu_s": spent.cpu_us / 1e6,
        "reader_cpu_s": cpu_s() - before,
        "key_frames": seen.key_frames,
        "gap_s": seen.longest_gap_us / 1e6,
        "cut_s": cuts,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
