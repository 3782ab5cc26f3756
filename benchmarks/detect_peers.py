"""Peers of the scan over the same parts: CPU seconds of `python -m benchmarks.detect_peers FOLDER WHAT`."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sightglass_detect import detectors
from sightglass_detect.detector import Strength
from sightglass_detect.engine.pattern import cut_short

_ROOT: Final = Path(__file__).parent.parent
KINGFISHER: Final = _ROOT / ".venv-bench" / "bin" / "kingfisher"
_RULES: Final = _ROOT / ".sightglass" / "kingfisher"

_RIPGREP: Final = ("rg", "--no-config", "--no-unicode", "--text", "--count-matches", "--threads", "1")
_KINGFISHER: Final = (str(KINGFISHER), "scan", "--no-validate", "--no-update-check", "--format", "json", "-j", "1")
# What each ends with when it found nothing, and when it found something. All else is an error.
_ENDS: Final[Mapping[str, tuple[int, int]]] = {"rg": (1, 0), str(KINGFISHER): (0, 200)}
# Of each part ripgrep searches so much: with all the patterns at once it takes seconds for a MB.
_SAMPLE_BYTES: Final = 250_000


def ripgrep(folder: Path, family: str | None) -> dict[str, Any]:
    """ripgrep with what is looked for without context, of one family of detectors or of all, counting matches.

    A pattern ends as soon as it may, as it does where we look for it. ripgrep looks through lines: patterns with a line
    break in them are left out, and counted. What it takes to compile the patterns is taken off.
    """
    taken, left_out = _patterns(family)
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as name:
        patterns, sample, nothing = (Path(name) / file for file in ("patterns", "sample", "nothing"))
        patterns.write_text("\n".join(taken), "utf-8")
        nothing.write_bytes(b"\n")
        start_s = _cpu_s([*_RIPGREP, "--file", str(patterns), str(nothing)])
        parts: dict[str, Any] = {}
        for part in sorted(folder.iterdir()):
            size = sample.write_bytes(part.read_bytes()[:_SAMPLE_BYTES])
            cpu_s = _cpu_s([*_RIPGREP, "--file", str(patterns), str(sample)]) - start_s
            parts[part.name] = {"bytes": size, "cpu_s": max(cpu_s, 0.001)}
    return {"parts": parts, "patterns": len(taken), "left_out": left_out}


def kingfisher(folder: Path) -> dict[str, Any]:
    """Kingfisher with its own rules, over all parts at once. What it takes to start is taken off."""
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as name:
        (Path(name) / "nothing.txt").write_text("nothing\n", "ascii")
        # The first start compiles its rules.
        _, start_s = (_cpu_s([*_KINGFISHER, name]) for _ in range(2))
    size = sum(part.stat().st_size for part in folder.iterdir())
    return {"parts": {"all": {"bytes": size, "cpu_s": _cpu_s([*_KINGFISHER, str(folder)]) - start_s}}}


def _patterns(family: str | None) -> tuple[list[str], int]:
    """Patterns as ripgrep takes them, and how many there are that it does not take."""
    forms = [form for d in detectors() if d.on and family in {None, d.family} for form in d.forms]
    # An escaped space is no escape to it.
    every = {cut_short(f.pattern).replace("\\ ", "[ ]"): None for f in forms if f.strength is not Strength.WEAK}
    taken = [pattern for pattern in every if "\\n" not in pattern]
    return taken, len(every) - len(taken)


def _cpu_s(command: Sequence[str]) -> float:
    """CPU seconds of a process. Raises RuntimeError when it ends with an error."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"KF_RULE_CACHE_DIR": str(_RULES)}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in _ENDS[command[0]]:
        message = f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
        raise RuntimeError(message)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    where, what = Path(sys.argv[1]), sys.argv[2]
    family = {"ripgrep": None, "ripgrep-credentials": "credentials"}
    print(json.dumps(ripgrep(where, family[what]) if what in family else kingfisher(where)))
