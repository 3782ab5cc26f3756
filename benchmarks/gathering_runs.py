"""What benchmarks/gathering.py measures, one run a process: `python gathering_runs.py TIMES`.

Has bikes.mp4 analysed once, and gathers what was found TIMES times over, one after the other, as a merge of ranges
does. Prints one line of JSON: `{"rss_mib", "cpu_s", "tracks", "uploaded_mb"}`: resident peak, user and system time of
gathering alone, number of tracks, and size of all files that would lie in S3.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import cast

from benchmarks.scenes_films import SAMPLES
from benchmarks.scenes_runs import peak_mib
from sightglass_worker.artifacts import Uploads
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.results import SceneFound
from sightglass_worker.decode.run import decoder
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.gathering import Gathering
from sightglass_worker.spill.file import Spill, Spills


class _Counted:
    """Counts what is to lie in S3."""

    def __init__(self) -> None:
        self.size_bytes = 0

    async def put(self, name: str, body: bytes | Spill, content_type: str) -> str:
        """Count one file."""
        self.size_bytes += body.size_bytes if isinstance(body, Spill) else len(body)
        return f"{content_type}/{name}"


class _Once:
    """What is found in one film."""

    def __init__(self) -> None:
        self.samples: list[MotionSample] = []
        self.scenes: list[SceneFound] = []
        self.duration_us = 0

    async def watch(self, film: Path) -> None:
        """Have it analysed."""

        async def ignored(_: object) -> None:
            return

        async def scene(found: SceneFound) -> None:
            self.scenes.append(found)

        async def motion(found: MotionSample) -> None:
            self.samples.append(found)

        with film.open("rb") as file:
            async with decoder(Limits()) as decoding:
                analysis = await decoding.analyze(
                    file.fileno(), on_progress=ignored, on_scene=scene, on_sprite=ignored, on_motion=motion
                )
        self.duration_us = analysis.duration_us


async def _gathered(once: _Once, times: int, folder: Path) -> tuple[int, int]:
    """Number of tracks, and bytes for S3."""
    counted = _Counted()
    gathering = Gathering(cast("Uploads", counted), Spills(folder))
    for number in range(times):
        by_us = number * once.duration_us
        for sample in once.samples:
            await gathering.motion(replace(sample, t_us=sample.t_us + by_us, since_us=sample.since_us + by_us))
        for found in once.scenes:
            moved = replace(found.scene, start_us=found.scene.start_us + by_us, end_us=found.scene.end_us + by_us)
            await gathering.scene(replace(found, scene=moved))
    found = await gathering.finish(times * once.duration_us, None)
    return sum(1 for _ in found.tracks), counted.size_bytes


async def main(times: int) -> None:
    """Measure one run."""
    once = _Once()
    await once.watch(SAMPLES / "bikes.mp4")
    start_s = time.process_time()
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        tracks, size_bytes = await _gathered(once, times, Path(folder))
    cpu_s = time.process_time() - start_s
    found = {"rss_mib": peak_mib(os.getpid()), "cpu_s": cpu_s, "tracks": tracks, "uploaded_mb": size_bytes / 1e6}
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
