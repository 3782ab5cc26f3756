"""One preview, in a process of its own: `python -m benchmarks.preview_runs FILE`, or `ENDPOINT BUCKET KEY` of S3.

Prints one line of JSON: `{"cpu_s", "reader_cpu_s", "key_frames", "gap_s", "cut_s"}`: user and system time of the
decoder process and of the one that reads the film for it, how many key frames were looked at and how far they are
apart at most, and where scenes begin, in seconds.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from benchmarks.scenes_runs import cpu_s
from sightglass_common.aws import open_s3
from sightglass_common.s3 import head
from sightglass_common.sandbox.ended import Ended
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.results import Preview, PreviewScene, Progress
from sightglass_worker.decode.run import ReadRange, decoder
from sightglass_worker.download import read_patiently


async def preview(read_range: ReadRange, size_bytes: int) -> tuple[Preview, list[float], Ended]:
    """Probe and preview a film in a decoder process, as the worker does."""
    starts: list[float] = []

    async def on_progress(_: Progress) -> None:
        pass

    async def on_scene(found: PreviewScene) -> None:
        starts.append(found.scene.start_us / 1e6)

    async with decoder(Limits()) as child:
        await child.probe(read_range, size_bytes)
        seen = await child.preview(read_range, size_bytes, on_progress=on_progress, on_scene=on_scene)
    return seen, starts[1:], child.spent


async def of_file(film: int, size_bytes: int) -> tuple[Preview, list[float], Ended]:
    """Preview a film on the disk."""

    async def read_range(offset: int, size: int) -> bytes:
        return os.pread(film, size, offset)

    return await preview(read_range, size_bytes)


async def of_object(endpoint_url: str, bucket: str, key: str) -> tuple[float, tuple[Preview, list[float], Ended]]:
    """Preview a film in S3 as the worker reads it; with the CPU time at which its client is open."""
    async with open_s3(endpoint_url) as s3:
        ref = await head(s3, bucket, key)
        before = cpu_s()

        async def read_range(offset: int, size: int) -> bytes:
            return await read_patiently(s3, ref, offset, size)

        return before, await preview(read_range, ref.size_bytes)


def main(*where: str) -> None:
    """Preview a film and print what it took."""
    before = cpu_s()
    if len(where) > 1:
        before, (seen, cuts, spent) = asyncio.run(of_object(*where))
    else:
        with Path(*where).open("rb") as film:
            seen, cuts, spent = asyncio.run(of_file(film.fileno(), film.seek(0, os.SEEK_END)))
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
