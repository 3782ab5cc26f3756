"""What finding scenes costs, beside pure decoding and beside PySceneDetect; and how right it is."""

import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, TypedDict, cast

from benchmarks.figure import Figure, at_least_peer, at_most, median_ratio_at_most, ratio_at_most
from benchmarks.scenes_films import FRAMES, SAMPLES, full_hd, repeated
from benchmarks.scenes_heldout import HeldOut, films
from benchmarks.sharing import turns

_ROOT = Path(__file__).parent.parent
_RUNS = Path(__file__).parent / "scenes_runs.py"
_PEER_PYTHON = _ROOT / ".venv-bench" / "bin" / "python"
_PEERS = ("content", "adaptive")  # those that the cost is held against
_ALL_PEERS = (*_PEERS, "threshold", "hash", "histogram")
_ALL_TOOLS = ("sightglass", *_ALL_PEERS)
_OURS = ("decode", "sightglass")
_ROUNDS, _PEER_TURNS = 2, 3  # turns of peers are odd in number, for the median


class Run(TypedDict):
    """What scenes_runs.py prints."""

    cpu_s: float
    rss_mib: float
    start_cpu_s: float
    cut_s: list[float]


def figures() -> list[Figure]:
    """Measure. Needs `.venv-bench` with infra/bench's dependencies; takes some minutes of CPU."""
    if not _PEER_PYTHON.exists():
        msg = f"the peers' environment is missing: {_PEER_PYTHON}"
        raise FileNotFoundError(msg)
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        where = Path(folder)
        return [*_cost(where), *_hour(where), *_memory(where), *_accuracy(), *_held_out(where)]


def _run(tool: str, film: Path) -> Run:
    python = str(_PEER_PYTHON) if tool in _ALL_PEERS else sys.executable
    done = subprocess.run([python, str(_RUNS), tool, str(film)], capture_output=True, check=True, text=True, cwd=_ROOT)
    return cast("Run", json.loads(done.stdout.splitlines()[-1]))


def _cost(folder: Path) -> list[Figure]:
    film = repeated(full_hd(folder / "once.mp4"), 2, folder / "film.mp4")
    run = partial(_run, film=film)
    decoding, peers = turns(_OURS, run, _ROUNDS), [_turn(number, film) for number in range(_PEER_TURNS)]
    ours = [turn["sightglass"] for turn in decoding]
    return [
        _beside("scenes, 78 s of 1080p, beside pure PyAV decode", decoding, "decode", 1.10),
        _beside("scenes, beside PySceneDetect Content", peers, "content", 0.65),
        _beside("scenes, beside PySceneDetect Adaptive", peers, "adaptive", 0.65),
        at_most("worker and decoder memory, 1080p", max(run["rss_mib"] for run in ours), "MiB", 250),
        # What a worker takes once, before its first film.
        Figure("start of the fork server", median(run["start_cpu_s"] for run in ours), "CPU s"),
    ]


def _hour(folder: Path) -> list[Figure]:
    """An hour of 1080p30, calculated by frames from five minutes."""
    film = repeated(full_hd(folder / "once.mp4"), 8, folder / "five.mp4")
    hours = {how: _run(how, film)["cpu_s"] * 108_000 / (8 * FRAMES) for how in ("sightglass", "moving")}
    return [
        at_most("1 h of 1080p30, calculated from 310 s: scenes", hours["sightglass"], "CPU s", 520),
        at_most("the same, scenes and motion", hours["moving"], "CPU s", 520),
    ]


def _turn(number: int, film: Path) -> dict[str, Run]:
    """One after the other, as the peers decode on several threads, which cost less on one core than they would."""
    tools = ("sightglass", *_PEERS)
    # Who goes first takes turns too, as a machine grows slower or faster meanwhile.
    return {tool: _run(tool, film) for tool in (tools if number % 2 else reversed(tools))}


def _beside(figure: str, runs: list[dict[str, Run]], peer: str, limit: float) -> Figure:
    both = [(turn["sightglass"]["cpu_s"], turn[peer]["cpu_s"]) for turn in runs]
    return median_ratio_at_most(figure, both, "CPU s", limit)


def _memory(folder: Path) -> list[Figure]:
    bikes = SAMPLES / "bikes.mp4"
    minute, long = (repeated(bikes, times, folder / f"{times}.mp4") for times in (6, 120))
    minute_mib, long_mib = (_run("sightglass", film)["rss_mib"] for film in (minute, long))
    return [ratio_at_most("memory on a film of 20 min beside 1 min", long_mib, "MiB", minute_mib, 1.10)]


def _accuracy() -> list[Figure]:
    expected: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text())
    found: list[Figure] = []
    for name, truth in expected.items():
        if not isinstance(truth, dict) or not any(key.startswith("hard_cut") for key in cast("dict[str, Any]", truth)):
            continue
        cuts, tolerance = truth_of(cast("dict[str, Any]", truth))
        score = {tool: _f1(_run(tool, SAMPLES / name)["cut_s"], cuts, tolerance) for tool in _ALL_TOOLS}
        best = max(score[peer] for peer in _ALL_PEERS)
        found.append(at_least_peer(f"F1 of hard cuts, {name}, beside the best peer", score["sightglass"], "F1", best))
    return found


def _held_out(folder: Path) -> list[Figure]:
    """F1 of each held-out film, and of all their cuts together."""
    sums = {tool: [0, 0, 0] for tool in _ALL_TOOLS}
    found: list[Figure] = []
    for film in films(folder):
        score: dict[str, float] = {}
        for tool in _ALL_TOOLS:
            counts = _counts(_run(tool, film.path)["cut_s"], film)
            sums[tool] = [a + b for a, b in zip(sums[tool], counts, strict=True)]
            score[tool] = f1_of(*counts)
        best = max(score[peer] for peer in _ALL_PEERS)
        found.append(at_least_peer(f"F1 of hard cuts, {film.name}", score["sightglass"], "F1", best))
    total = {tool: f1_of(*counts) for tool, counts in sums.items()}
    best = max(total[peer] for peer in _ALL_PEERS)
    return [*found, at_least_peer("F1 of hard cuts, all held-out films", total["sightglass"], "F1", best)]


def _counts(found_s: list[float], film: HeldOut) -> tuple[int, int, int]:
    """Hits, cuts that were told, true cuts. A boundary in a fade through black is told or not, as one likes."""
    found = [round(t * film.rate) for t in found_s]
    told = [f for f in found if not any(first - 1 <= f <= end + 1 for first, end in film.changes)]
    return hits_of(list(map(float, told)), list(map(float, film.cuts)), 1), len(told), len(film.cuts)


def truth_of(film: dict[str, Any]) -> tuple[list[float], float]:
    """Times of cuts and the tolerance, in seconds: one frame, with a little room for rounding."""
    if "hard_cut_times" in film:
        return film["hard_cut_times"], film["tolerance_s"]
    return [frame / film["fps"] for frame in film["hard_cuts"]], 1.1 / film["fps"]


def _f1(found: list[float], truth: list[float], tolerance: float) -> float:
    return f1_of(hits_of(found, truth, tolerance), len(found), len(truth))


def f1_of(hits: int, found: int, truth: int) -> float:
    """Harmonic mean of precision and recall."""
    return 2 * hits / (found + truth) if found or truth else 1.0


def hits_of(found: list[float], truth: list[float], tolerance: float) -> int:
    """True cuts that were found; what is found meets one of them at most."""
    left = list(found)
    for cut in truth:
        near = [t for t in left if abs(t - cut) <= tolerance]
        if near:
            left.remove(min(near, key=lambda t: abs(t - cut)))
    return len(found) - len(left)
