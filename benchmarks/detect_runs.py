"""One run over the corpus, in a process of its own: `python -m benchmarks.detect_runs FOLDER WHAT`."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sightglass_detect import Settings, detectors, scan

_SETTINGS = {"full": Settings(), "credentials": Settings(detectors=frozenset({"credentials"}))}


def scanned(folder: Path, what: str) -> dict[str, Any]:
    """CPU seconds and findings of each part. The first scan makes the engine, and is not counted."""
    start = time.process_time()
    scan(b"AKIAIOSFODNN7EXAMPLE", settings=_SETTINGS[what])
    start_s = time.process_time() - start
    parts: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for file in sorted(folder.iterdir()):
        data = file.read_bytes()
        start = time.process_time()
        findings = scan(data, settings=_SETTINGS[what])
        parts[file.name] = {"bytes": len(data), "cpu_s": time.process_time() - start}
        found[file.name] = [(f.detector, f.start, f.end) for f in findings]
    return {"start_s": start_s, "parts": parts, "found": found}


def ripgrep(folder: Path) -> dict[str, Any]:
    """CPU seconds of ripgrep over each part."""
    forms = [form.pattern for detector in detectors() if detector.family == "credentials" for form in detector.forms]
    command = ["rg", "--count", "--text", "--threads", "1", *(part for form in forms for part in ("-e", form))]
    parts: dict[str, Any] = {}
    for file in sorted(folder.iterdir()):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*command, str(file)], capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        parts[file.name] = {"bytes": file.stat().st_size, "cpu_s": cpu_s}
    return {"parts": parts}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    print(json.dumps(ripgrep(folder) if sys.argv[2] == "ripgrep" else scanned(folder, sys.argv[2])))
