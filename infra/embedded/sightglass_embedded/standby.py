"""A Python process that has loaded libraries and waits to be told which module to be.

Loading a service's libraries takes most of its start. A process that did so beforehand makes a start, and a restart
after a change of code, a matter of our own code alone. That is not loaded beforehand: it is what changes.
"""

import json
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module


def main(libraries: Sequence[str]) -> None:
    """Load `libraries`, wait for an order on stdin, and carry it out. No order (EOF): end."""
    for name in libraries:
        with suppress(ImportError):  # the service has it no more: it says itself what it lacks
            import_module(name)
    received = sys.stdin.buffer.read()
    if received:
        order = json.loads(received)
        _become(order["module"], order["words"], order["env"])


def order(module: str, words: Sequence[str], env: Mapping[str, str]) -> bytes:
    """What tells a waiting process to be `python -m module words...` with the environment `env`."""
    return json.dumps({"module": module, "words": list(words), "env": dict(env)}).encode()


def _become(module: str, words: Sequence[str], env: Mapping[str, str]) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1].split(","))
