"""`make bench [B=name]`: measure, print a table, write `.sightglass/bench/<name>.json`."""

import importlib
import json
import pkgutil
import sys
from dataclasses import asdict
from pathlib import Path

import benchmarks
from benchmarks.figure import Figure

RESULTS = Path(".sightglass") / "bench"
NOT_BENCHMARKS = {"__main__", "figure"}


def names() -> list[str]:
    """The benchmarks that there are: modules with a function `figures`."""
    found = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return sorted(
        name
        for name in found
        if name not in NOT_BENCHMARKS and hasattr(importlib.import_module(f"benchmarks.{name}"), "figures")
    )


def show(figures: list[Figure]) -> None:
    """Print a row for each figure."""
    for f in figures:
        ratio = "" if f.ratio is None else f"{f.ratio:.2f}x of {f.peer}"
        mark = {True: "holds", False: "MISSED", None: ""}[f.holds]
        print(f"  {f.figure:<58} {f.value:>10.3f} {f.unit:<10} {ratio:<34} {f.must or '':<12} {mark}")


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all; 1 when a figure misses its limit, 2 for an unknown name."""
    unknown = set(wanted) - set(names())
    if unknown:
        print(f"No benchmark is called {', '.join(sorted(unknown))}; there are: {', '.join(names())}.", file=sys.stderr)
        return 2
    RESULTS.mkdir(parents=True, exist_ok=True)
    missed = 0
    for name in wanted or names():
        print(name, flush=True)
        figures: list[Figure] = importlib.import_module(f"benchmarks.{name}").figures()
        show(figures)
        (RESULTS / f"{name}.json").write_text(json.dumps([asdict(f) for f in figures], indent=1) + "\n", "utf-8")
        missed += sum(f.holds is False for f in figures)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
