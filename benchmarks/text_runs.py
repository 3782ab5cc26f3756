"""What benchmarks/text.py measures, one run a process: `python -m benchmarks.text_runs FILE`.

Decodes a film, looks at its screen, and has the looks read in the engine's process, as the worker
does. Prints one line of JSON: `{"cpu_s", "decode_s", "rss_mib", "duration_s", "calls", "coverage", "texts"}`:
CPU of both processes without the engine's start; CPU of decoding alone, in the same run; resident
peaks of both together.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from benchmarks.scenes_runs import peak_mib
from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.frames import FrameReader
from sightglass_worker.decode.screen import ScreenWatcher
from sightglass_worker.domain.box import Box
from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.ocr.engine import Page
from sightglass_worker.ocr.film import FilmTexts
from sightglass_worker.ocr.limits import ReaderLimits
from sightglass_worker.ocr.process import EngineChoice, TextReader

_CALLS_PER_MINUTE = 35
_TICKS = os.sysconf("SC_CLK_TCK")


class Film:
    """A film's looks; afterwards its length."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.duration_us = 0

    def looks(self) -> Iterator[ScreenLook]:
        """Decode on one thread, and look."""
        watcher = ScreenWatcher()
        with av.open(self._path, "r") as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_type = "NONE"
            stream.codec_context.thread_count = 1
            clock = FrameClock(stream.time_base or Fraction(1, 1000), stream.average_rate)
            for frame in FrameReader(container, stream):
                t_us = clock.time_us(frame.pts)
                if watcher.wants(t_us):
                    yield from watcher.look(frame, t_us)
            yield from watcher.finish()
            self.duration_us = clock.end_us(None)


def decode_only(path: str) -> float:
    """CPU seconds of decoding on one thread."""
    began = time.process_time()
    with av.open(path, "r") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        for _ in container.decode(stream):
            pass
    return time.process_time() - began


def cpu_of(pid: int | None) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def run(path: str) -> None:
    """Measure and print."""
    decode_s = decode_only(path)
    reader = TextReader(EngineChoice("rapidocr"), ReaderLimits())
    # The engine's start is paid once in the life of a worker.
    await reader.read(Page(np.zeros((64, 64), np.uint8), 1920, [Box(0, 0, 1, 1)]))
    film, texts = Film(path), FilmTexts(reader.read, _CALLS_PER_MINUTE)
    before = time.process_time() + cpu_of(reader.pid)
    for look in film.looks():
        await texts.take(look)
    found = await texts.finish(film.duration_us)
    result = {
        "cpu_s": time.process_time() + cpu_of(reader.pid) - before,
        "decode_s": decode_s,
        "rss_mib": peak_mib("self") + peak_mib(reader.pid or 0),
        "duration_s": film.duration_us / 1e6,
        "calls": found.coverage.looks - found.coverage.skipped_by_cap,
        "coverage": asdict(found.coverage),
        "texts": [asdict(text) for text in found.texts],
    }
    reader.end()
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
