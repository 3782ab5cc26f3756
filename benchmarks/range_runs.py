"""What benchmarks/ranges.py measures, one run a process: `python range_runs.py HOW FILE RANGE_S`.

HOW: `serial` (one decoder over the whole film) or `ranged` (planned, range by range, put together). Prints one line of
JSON: `{"cpu_s", "rss_mib", "ranges", "found"}`: user and system time of the worker and its decoders, resident peak of
the worker and the largest decoder, number of ranges, and a digest of all that was found, pictures included.
"""

import asyncio
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from benchmarks.scenes_runs import cpu_s, peak_mib, private_mib
from sightglass_worker.decode.forking import FORKS
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.range_results import FilmPlan, RangeDone, RangeSpan, TileFound
from sightglass_worker.decode.range_run import ranges_of
from sightglass_worker.decode.results import Analysis, SceneFound, SpriteSheet
from sightglass_worker.decode.run import FilmDecoder, decoder
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.ranges.found import FoundWriter, RangeFound
from sightglass_worker.ranges.joining import FilmJoiner

T = TypeVar("T")


class Found:
    """A digest of each kind of what is found, as a worker that has stored it holds no more of it."""

    def __init__(self) -> None:
        self._sums = {name: hashlib.sha256() for name in ("scene", "motion", "rest")}

    async def scene(self, scene: SceneFound) -> None:
        """Take the next scene."""
        self._sums["scene"].update(repr(scene).encode())

    async def motion(self, sample: MotionSample) -> None:
        """Take the next sample."""
        self._sums["motion"].update(repr(sample).encode())

    async def rest(self, one: SpriteSheet | Analysis) -> None:
        """Take what comes last."""
        self._sums["rest"].update(repr(one).encode())

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(found.hexdigest()[:16] for found in self._sums.values())


class Run:
    """One run over a film, and the largest that its decoders have been."""

    def __init__(self, film: int) -> None:
        self._film = film
        self._size_bytes = os.fstat(film).st_size
        self.peak_mib = self.server_mib = self.cpu_s = 0.0
        self.ranges = 1

    async def serial(self) -> Found:
        """Decode the whole film in one go."""
        found = Found()
        async with self._decoder() as child:
            await child.probe(self._read, self._size_bytes)
            analysis = await child.analyze(
                self._film,
                on_progress=self._watch,
                on_scene=found.scene,
                on_sprite=found.rest,
                on_motion=found.motion,
            )
        await found.rest(analysis)
        return found

    async def ranged(self, range_s: int) -> Found:
        """Decode it range by range, as workers do, and put the ranges together."""
        plan = await self._plan(range_s)
        edges = [None, *plan.key_pts, None]
        self.ranges = len(edges) - 1
        with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as name:
            files = [Path(name) / str(number) for number in range(self.ranges)]
            for file, (start, end) in zip(files, pairwise(edges), strict=True):
                file.write_bytes(await self._range(RangeSpan(plan.first_pts, start, end)))
            return await self._joined(files)

    async def _joined(self, files: list[Path]) -> Found:
        joined, joiner, expected_us = Found(), FilmJoiner(), None
        tiles = list[TileFound]()
        for file in files:
            found = RangeFound(file.read_bytes())
            for sample in found.motion():
                await joined.motion(sample)
            for scene in joiner.push(found):
                await joined.scene(scene)
            tiles += found.tiles()
            expected_us = found.done.expected_us
        last, analysis = joiner.finish()
        for scene in last:
            await joined.scene(scene)
        async with self._decoder() as child:
            await joined.rest(
                await ranges_of(child).sheet(tiles, expected_us=expected_us, duration_us=analysis.duration_us)
            )
        await joined.rest(analysis)
        return joined

    async def _plan(self, range_s: int) -> FilmPlan:
        async with self._decoder() as child:
            await child.probe(self._read, self._size_bytes)
            return await ranges_of(child).plan(self._read, self._size_bytes, range_s * 1_000_000)

    async def _range(self, span: RangeSpan) -> bytes:
        found = FoundWriter()
        async with self._decoder() as child:
            done = await ranges_of(child).analyze(
                span,
                self._read,
                self._size_bytes,
                on_progress=self._watch,
                on_piece=telling(found.piece),
                on_tile=telling(found.tile),
                on_motion=telling(found.motion),
                on_look=None,
            )
            await self._watch(done)
        if not isinstance(done, RangeDone):
            raise TypeError(done)
        return found.finish(done, is_read=False)

    async def _read(self, offset: int, size: int) -> bytes:
        return os.pread(self._film, size, offset)

    @asynccontextmanager
    async def _decoder(self) -> AsyncGenerator[FilmDecoder]:
        async with decoder(Limits()) as child:
            yield child
        self.cpu_s += child.spent.cpu_us / 1e6
        self.peak_mib = max(self.peak_mib, child.spent.peak_bytes / 2**20)

    async def _watch(self, _: object) -> None:
        self.server_mib = max(self.server_mib, private_mib(FORKS.pid or 0))


def telling(told: Callable[[T], None]) -> Callable[[T], Awaitable[None]]:
    """Awaits what need not be awaited."""

    async def tell(one: T) -> None:
        told(one)

    return tell


def main(how: str, path: str, range_s: str) -> None:
    """Run once and print what it took."""
    with Path(path).open("rb") as film:
        run = Run(film.fileno())
        before = cpu_s()
        found = asyncio.run(run.serial() if how == "serial" else run.ranged(int(range_s)))
    spent = cpu_s() - before + run.cpu_s
    rss = peak_mib("self") + run.peak_mib + run.server_mib
    print(json.dumps({"cpu_s": spent, "rss_mib": rss, "ranges": run.ranges, "found": found.text}))


if __name__ == "__main__":
    main(*sys.argv[1:])
