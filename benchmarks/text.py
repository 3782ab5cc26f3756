"""How right the text on screen is, and what reading it costs."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any, TypedDict, cast

import av

from benchmarks.figure import Figure, at_least_peer, at_most, ratio_at_most
from benchmarks.scenes_films import SAMPLES, repeated
from benchmarks.text_truth import VALUES, found, is_true, overlap, screen_film, time_error_s

_ROOT = Path(__file__).parent.parent
_PEAKS = 3  # runs of which the peak in the middle counts


class Run(TypedDict):
    """What text_runs.py prints."""

    cpu_s: float
    decode_s: float
    rss_mib: float
    duration_s: float
    calls: int
    coverage: dict[str, int]
    texts: list[dict[str, Any]]


def figures() -> list[Figure]:
    """Measure. Takes five minutes of CPU."""
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        screen = _run(screen_film())
        return [
            *_rightness(screen),
            *_cost(screen, "screen film"),
            *_cost(_run(SAMPLES / "bikes.mp4"), "camera film"),
            *_cost(_run(SAMPLES / "big_buck_bunny_0_30.webm"), "drawn film"),
            *_static(Path(folder)),
            *_memory(Path(folder), screen),
        ]


def _run(film: Path) -> Run:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.text_runs", str(film)], capture_output=True, check=True, text=True, cwd=_ROOT
    )
    return cast("Run", json.loads(done.stdout.splitlines()[-1]))


def _rightness(run: Run) -> Iterator[Figure]:
    texts = run["texts"]
    whole = [value for value in VALUES if found(value, texts)]
    yield at_least_peer("text, values read letter by letter", len(whole), "of 7", len(VALUES))
    true = sum(is_true(text["text"]) for text in texts)
    yield at_least_peer("text, lines that the film shows, of those told", true / len(texts), "share", 0.95)
    yield at_most("text, worst error of a value's time", max(time_error_s(v, texts) for v in whole), "s", 0.4)
    yield at_least_peer("text, worst mean IoU of a value's boxes", min(overlap(v, texts) for v in whole), "IoU", 0.6)


def _cost(run: Run, name: str) -> Iterator[Figure]:
    length = run["duration_s"]
    yield at_most(f"text, {name}, decoding and reading", run["cpu_s"] / length, "CPU s/s", 0.35)
    yield Figure(f"text, {name}, decoding alone", round(run["decode_s"] / length, 3), "CPU s/s")
    # All three films are shorter than a minute.
    yield at_most(f"text, {name}, calls in a minute", run["calls"], "calls", 35)
    yield Figure(f"text, {name}, unread for", round(run["coverage"]["unread_us"] / 1e6 / length, 3), "of time")


def _static(folder: Path) -> Iterator[Figure]:
    """A minute of the screen film's first page."""
    path = folder / "static.mp4"
    with av.open(str(screen_film()), "r") as source, av.open(str(path), "w") as target:
        frame = next(source.decode(video=0))
        stream = cast("Any", target.add_stream("libx264", rate=15, options={"preset": "veryfast"}))
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        for number in range(15 * 60):
            frame.pts, frame.time_base = number, Fraction(1, 15)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    yield at_most("text, a page that stays for a minute", _run(path)["calls"], "calls", 1)


def _memory(folder: Path, once: Run) -> Iterator[Figure]:
    long = repeated(screen_film(), 5, folder / "long.mp4")
    # The engine's peak for one and the same film lies between 440 and 520 MiB: no one run tells.
    short_mib = [once["rss_mib"], *(_run(screen_film())["rss_mib"] for _ in range(_PEAKS - 1))]
    long_mib = [_run(long)["rss_mib"] for _ in range(_PEAKS)]
    yield at_most("text, memory of decoder and reader", max(*short_mib, *long_mib), "MiB", 900)
    yield ratio_at_most("text, memory of 4 min beside 48 s", median(long_mib), "MiB", median(short_mib), 1.1)
