"""Reads files that were made or damaged to do harm, as a scanner does, in a process of its own."""

import asyncio
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, cast
from uuid import UUID

from tests.unit.scanner.readers.samples import samples
from tests.unit.scanner.readers.test_hostile import HOSTILE

from sightglass_common.s3 import ObjectRef
from sightglass_detect import Settings
from sightglass_scanner.objects import BLOCK_BYTES, S3Object
from sightglass_scanner.readers.reading import SkipReason
from sightglass_scanner.reading import read_object
from sightglass_scanner.results import ObjectResult

_DAMAGED_EACH: Final = 8
_LOOK_S: Final = 0.01


def corpus() -> Iterator[tuple[str, bytes]]:
    """Files by name: those that were made, and samples of each format cut, overwritten and flipped, by seed."""
    for name, made in HOSTILE.items():
        yield name, made()
    for name, data in samples().items():
        chance = random.Random(name)
        for number in range(_DAMAGED_EACH):
            yield f"{name}, damaged {number}", _damaged(data, number, chance)


def _damaged(data: bytes, number: int, chance: random.Random) -> bytes:
    if number % 3 == 0:
        return data[: chance.randrange(1, len(data))]
    spoiled = bytearray(data)
    if number % 3 == 1:
        start = chance.randrange(len(data))
        spoiled[start : start + 64] = chance.choice((b"\0", b"\xff", b"A")) * len(spoiled[start : start + 64])
        return bytes(spoiled)
    for _ in range(chance.choice((1, 8, 64, 512))):
        spoiled[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(spoiled)


class _InMemory(S3Object):
    """An object whose bytes are here."""

    def __init__(self, name: str, data: bytes) -> None:
        super().__init__(cast("Any", None), ObjectRef("hostile", name, "", '"1"', len(data)), data[:BLOCK_BYTES])
        self._data = data

    def read(self, offset: int, length: int, /) -> bytes:
        return self._data[offset : offset + length]


class _Watch:
    """Adds up, all the time, what this process and all that it has started hold, shared pages once."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._over = Event()
        self._thread = Thread(target=self._watch)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_S):
            self.peak_bytes = max(self.peak_bytes, sum(map(_held, _family(Path("/proc/self").resolve().name))))


def _family(pid: str) -> list[str]:
    try:
        tasks = [task.read_text().split() for task in Path("/proc", pid, "task").glob("*/children")]
    except OSError:
        return [pid]
    return [pid, *(one for children in tasks for child in children for one in _family(child))]


def _held(pid: str) -> int:
    try:
        lines = Path("/proc", pid, "smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


async def main() -> None:
    """Read all, and print what came of it."""
    files = reported = crashed = 0
    slowest = (0.0, "")
    peak_bytes = 0
    for name, data in corpus():
        # What the object itself takes here is not the scanner's: it reads from S3 in blocks.
        watch, began = _Watch(), time.monotonic()
        result = await asyncio.to_thread(read_object, _InMemory(name, data), UUID(int=1), b"k" * 32, Settings())
        slowest = max(slowest, (time.monotonic() - began, name))
        watch.end()
        peak_bytes = max(peak_bytes, watch.peak_bytes - len(data))
        files += 1
        reported += _reported(result)
        crashed += any(note.reason == SkipReason.CRASHED for note in result.notes)
    told = {
        "files": files, "reported": reported, "crashed": crashed, "peak_mib": peak_bytes / 1024**2,
        "slowest_s": round(slowest[0], 2), "slowest": slowest[1],
    }  # fmt: skip
    print(json.dumps(told))


def _reported(result: ObjectResult) -> bool:
    return result.outcome == "done" or bool(result.notes)


if __name__ == "__main__":
    asyncio.run(main())
