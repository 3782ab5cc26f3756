"""One run over the corpus, in a process of its own: `python -m benchmarks.detect_runs FOLDER WHAT`."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from sightglass_detect import Settings, scan

_SETTINGS = {"full": Settings(), "credentials": Settings(detectors=frozenset({"credentials"}))}


def scanned(folder: Path, what: str) -> dict[str, Any]:
    """CPU seconds and findings of each part. The first scan makes the engine, and is counted by itself.

    Of each part the second look is counted: what is looked for is made ready where it is first met, once a process.
    """
    start = time.process_time()
    scan(b"AKIAIOSFODNN7EXAMPLE", settings=_SETTINGS[what])
    start_s = time.process_time() - start
    parts: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for file in sorted(folder.iterdir()):
        data = file.read_bytes()
        scan(data, settings=_SETTINGS[what])
        start = time.process_time()
        findings = scan(data, settings=_SETTINGS[what])
        parts[file.name] = {"bytes": len(data), "cpu_s": time.process_time() - start}
        found[file.name] = [(f.detector, f.start, f.end) for f in findings]
    return {"start_s": start_s, "parts": parts, "found": found}


if __name__ == "__main__":
    print(json.dumps(scanned(Path(sys.argv[1]), sys.argv[2])))
