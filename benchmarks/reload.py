"""How long a change of a service's code takes to be live under `make dev`. A copy of the code is what is changed."""

import os
import re
import shutil
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.figure import Figure, at_most
from benchmarks.own_stack import OwnStack, own_stack, until

_ROOT: Final = Path(__file__).parent.parent
_MEMBERS: Final = (
    "libs/common",
    "libs/client",
    "libs/detect",
    "libs/retrieval",
    "services/api",
    "services/worker",
    "services/scanner",
    "infra/embedded",
)
_CHANGES: Final = 5


def figures() -> list[Figure]:
    """Medians of five changes each, from the moment that the file is written until an answer shows it."""
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as name:
        code, state = Path(name) / "code", Path(name) / "state"
        environ = _copied(code)
        with own_stack(state, "--reload", environ=environ) as stack:
            api = [_api_change(stack, code, number) for number in range(_CHANGES)]
            worker = [_worker_change(stack, code, number) for number in range(_CHANGES)]
        load = os.getloadavg()[0]
    return [
        at_most("a change in api code is live", median(api), "s", 2.0),
        Figure("a change in api code, the slowest of five", round(max(api), 3), "s"),
        at_most("a change in worker code is live", median(worker), "s", 2.0),
        Figure("a change in worker code, the slowest of five", round(max(worker), 3), "s"),
        Figure("load of the machine meanwhile (mean of 1 min)", round(load, 2), ""),
    ]


def _copied(code: Path) -> dict[str, str]:
    """Copy the members' code; what makes Python take the copy."""
    for member in _MEMBERS:
        shutil.copytree(_ROOT / member, code / member, ignore=shutil.ignore_patterns("__pycache__"))
    return {
        "PYTHONPATH": os.pathsep.join(str(code / member) for member in _MEMBERS),
        "SIGHTGLASS_LOCALSTACK_PYTHON": str(_ROOT / ".venv-localstack" / "bin" / "python"),
    }


def _api_change(stack: OwnStack, code: Path, number: int) -> float:
    """A header of every answer."""
    file = code / "services/api/sightglass_api/requests.py"
    text = re.sub(
        r'("X-Change": "\d+", )?"Referrer-Policy"', f'"X-Change": "{number}", "Referrer-Policy"', file.read_text()
    )
    url = f"http://127.0.0.1:{stack.port('api')}/livez"
    return _live(file, text, lambda: f"x-change: {number}" in _asked(url)[1])


def _worker_change(stack: OwnStack, code: Path, number: int) -> float:
    """A change without effect: what is seen is that a new process has it, and is ready."""
    file = code / "services/worker/sightglass_worker/handlers.py"
    url = f"http://127.0.0.1:{stack.port('worker')}"
    before = _started_at(url)
    assert before, "the worker tells when it was started"
    text = f"{file.read_text('utf-8')}\n# change {number}\n"
    return _live(file, text, lambda: _started_at(url) not in {"", before} and _asked(f"{url}/readyz")[0] == 200)


def _live(file: Path, text: str, shown: Callable[[], bool]) -> float:
    file.write_text(text, "utf-8")
    return until(shown, f"the change of {file.name} is live")


def _started_at(url: str) -> str:
    found = re.search(r"^process_start_time_seconds (\S+)$", _asked(f"{url}/metrics")[2], re.MULTILINE)
    return found[1] if found else ""


def _asked(url: str) -> tuple[int, str, str]:
    """Status, headers in lower case and body; status 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, str(answer.headers).lower(), answer.read().decode()
    except OSError:  # also what is an error by its status: not live yet
        return 0, "", ""
