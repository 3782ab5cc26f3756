"""What a preview costs beside pure decoding; and how right it is, beside the exact scenes of the same films."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Final, TypedDict, cast

from benchmarks.figure import Figure, at_most, ratio_at_most
from benchmarks.scenes import f1_of, hits_of, truth_of
from benchmarks.scenes_films import FRAMES, SAMPLES, full_hd, repeated
from benchmarks.scenes_heldout import films
from benchmarks.sharing import beside
from sightglass_common.aws import open_s3
from sightglass_common.s3 import put
from sightglass_embedded.localstack import REGION, LocalStack

_HERE: Final = Path(__file__).parent
_TURNS: Final = 3  # odd, for the median
_ROUNDS: Final = 2  # on each core
_TIMES: Final = 8  # 310 s
_BIT_RATE: Final = 8_000_000
_HOUR: Final = 108_000  # frames of an hour at 30 a second
_F1_MIN: Final = 0.85


class Run(TypedDict):
    """What preview_runs.py prints; of scenes_runs.py, `cpu_s` and `cut_s`."""

    cpu_s: float
    reader_cpu_s: float
    key_frames: int
    gap_s: float
    cut_s: list[float]


class Counts:
    """Of some films: true cuts, those that were told to the frame, those told within the distance of key frames."""

    def __init__(self) -> None:
        self.true = self.told = self.sharp = self.late = 0

    def add(self, run: Run, cuts_s: list[float], frame_s: float, changes: list[tuple[float, float]]) -> "Counts":
        """Count a film. changes: spans in which a boundary may be told or not, as one likes."""
        told = [t for t in run["cut_s"] if not any(first - frame_s <= t <= end + frame_s for first, end in changes)]
        self.true, self.told = self.true + len(cuts_s), self.told + len(told)
        self.sharp += hits_of(told, cuts_s, frame_s)
        self.late += _late_hits(told, cuts_s, run["gap_s"], frame_s)
        return self

    @property
    def f1(self) -> float:
        """To the frame."""
        return f1_of(self.sharp, self.told, self.true)

    @property
    def f1_late(self) -> float:
        """Within the distance of key frames."""
        return f1_of(self.late, self.told, self.true)


def _late_hits(told_s: list[float], cuts_s: list[float], gap_s: float, frame_s: float) -> int:
    """True cuts that were told at once, or as much later as key frames are apart. Both in order of time."""
    left, hits = list(cuts_s), 0
    for t in told_s:
        shown = [cut for cut in left if t - gap_s - frame_s <= cut <= t + frame_s]
        hits += len(shown[:1])
        left = [cut for cut in left if cut not in shown[:1]]
    return hits


def figures() -> list[Figure]:
    """Measure; takes four minutes of CPU."""
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        return [*_cost(Path(folder)), asyncio.run(_cost_from_s3(Path(folder))), *_samples(), *_held_out(Path(folder))]


def _run(module: str, *arguments: str) -> Run:
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=_HERE.parent)
    return cast("Run", json.loads(done.stdout.splitlines()[-1]))


def _preview(film: Path) -> Run:
    return _run("preview_runs", str(film))


def _exact(film: Path) -> Run:
    return _run("scenes_runs", "sightglass", str(film))


def _cost(folder: Path) -> list[Figure]:
    """Previews on a core on which the same film is decoded, so that both meet the same machine."""
    film = repeated(full_hd(folder / "once.mp4"), _TIMES, folder / "film.mp4")
    decode = partial(_run, "scenes_runs", "decode", str(film))
    turns = [(_middle(runs), decoded["cpu_s"]) for decoded, runs in beside(decode, partial(_preview, film), _ROUNDS)]
    own, decoding = sorted(turns, key=lambda turn: turn[0]["cpu_s"] / turn[1])[len(turns) // 2]
    name = f"preview, 310 s of 1080p with {own['key_frames']} key frames looked at"
    alone = _middle([_preview(film) for _ in range(_TURNS)])
    return [
        ratio_at_most(f"{name}, beside pure PyAV decode", own["cpu_s"], "CPU s", decoding, 0.06),
        at_most("preview, 1 h of 1080p30, calculated, reading included", _of_an_hour(own), "CPU s", 25),
        Figure("the same on its own, the processes on any core", round(_of_an_hour(alone), 3), "CPU s"),
    ]


def _middle(runs: list[Run]) -> Run:
    """The one that took the median, its reader included."""
    return sorted(runs, key=_of_an_hour)[len(runs) // 2]


async def _cost_from_s3(folder: Path) -> Figure:
    """As above, of a film of four times as many bits that lies in LocalStack."""
    film = repeated(full_hd(folder / "once8.mp4", _BIT_RATE), _TIMES, folder / "film8.mp4")
    async with LocalStack(folder / "localstack").running() as localstack:
        # LocalStack takes any; the SDK insists on some.
        os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
        async with open_s3(localstack.endpoint_url) as s3:
            await s3.create_bucket(Bucket="films")
            with film.open("rb") as body:
                await put(s3, "films", film.name, body)
        where = (localstack.endpoint_url, "films", film.name)
        runs = [await asyncio.to_thread(_run, "preview_runs", *where) for _ in range(_TURNS)]
    return at_most("preview of 1 h from S3, 8 Mbit/s", _of_an_hour(_middle(runs)), "CPU s", 25)


def _of_an_hour(run: Run) -> float:
    """Calculated for an hour of 1080p30, by frames."""
    return (run["cpu_s"] + run["reader_cpu_s"]) * _HOUR / (FRAMES * _TIMES)


def _samples() -> list[Figure]:
    expected: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text())
    all_of_them, found = Counts(), list[Figure]()
    for name, truth in expected.items():
        if not isinstance(truth, dict) or not any(key.startswith("hard_cut") for key in cast("dict[str, Any]", truth)):
            continue
        cuts, tolerance = truth_of(cast("dict[str, Any]", truth))
        run = _preview(SAMPLES / name)
        all_of_them.add(run, cuts, tolerance, [])
        found.append(_f1(name, Counts().add(run, cuts, tolerance, []), None))
    total = round(all_of_them.f1, 3)
    return [*found, Figure("F1, samples together", total, "F1", must=f"value >= {_F1_MIN}", holds=total >= _F1_MIN)]


def _held_out(folder: Path) -> list[Figure]:
    previews, exacts, found = Counts(), Counts(), list[Figure]()
    for film in films(folder):
        cuts, frame_s = [cut / film.rate for cut in film.cuts], 1.1 / film.rate
        changes = [(first / film.rate, end / film.rate) for first, end in film.changes]
        run, exact = _preview(film.path), _exact(film.path) | {"gap_s": 0.0}
        previews.add(run, cuts, frame_s, changes)
        exacts.add(cast("Run", exact), cuts, frame_s, changes)
        own = Counts().add(run, cuts, frame_s, changes)
        found += [_f1(film.name, own, Counts().add(cast("Run", exact), cuts, frame_s, changes).f1)]
    late = Figure("F1 within key frames' distance, held-out films", round(previews.f1_late, 3), "F1")
    return [*found, _f1("held-out films together", previews, exacts.f1), late]


def _f1(name: str, counts: Counts, exact: float | None) -> Figure:
    """F1 to the frame, beside that of the exact scenes; in the name what it is within the distance of key frames."""
    ratio = counts.f1 / exact if exact else None
    shown = f"F1, {name} (late ones too: {counts.f1_late:.2f})"
    peer = None if exact is None else round(exact, 3)
    return Figure(shown, round(counts.f1, 3), "F1", peer, None if ratio is None else round(ratio, 3))
