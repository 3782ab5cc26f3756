"""A Python process that has loaded the services' libraries once, and forks into whatever module it is told to be.

Loading libraries takes most of a service's start, and is the same for all of them. A fork of a process that did so
beforehand makes a start, and a restart after a change of code, a matter of our own code alone. That is never loaded
here: it is what changes.
"""

import ctypes
import gc
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from select import select
from types import FrameType
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


@dataclass(frozen=True)
class Order:
    """Be `python -m module words...` with the environment `env`."""

    module: str
    words: Sequence[str]
    env: dict[str, str]


def main(libraries: Sequence[str]) -> None:
    """Load `libraries`, then fork for each order that comes in on stdin, a socket. Its end ends this process.

    An order is one byte with two descriptors: a file with the order as JSON, and what becomes stdout and stderr.
    The answers are lines of JSON: `{"started": pid}` or `{"refused": errno}` for each order in turn, and
    `{"ended": pid, "status": n}` for each child.
    """
    for name in libraries:
        with suppress(ImportError):  # a service has it no more: it says itself what it lacks
            import_module(name)
    gc.collect()
    gc.freeze()  # a collection in a child would copy the pages that it shares with us
    with socket.socket(fileno=os.dup(0)) as orders:
        order = _serve(orders)
    if order is not None:
        _become(order)


def _serve(orders: socket.socket) -> Order | None:
    """Serve until the other side is gone. Returns in each child, with its order, and at last None here."""
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, _wake)  # not ignored, as only a handler makes the wakeup descriptor ring
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    while True:
        readable, _, _ = select([orders, wake], [], [])
        if wake in readable:
            os.read(wake, 4096)
            _reap(orders)
        if orders in readable:
            order, output = _received(orders)
            if order is None:
                return None
            parent = os.getpid()
            try:
                child = os.fork()
            except OSError as error:  # too many processes, or too little memory
                os.close(output)
                _answer(orders, refused=error.errno or 0)
                continue
            if child == 0:
                for descriptor in (wake, woken):
                    os.close(descriptor)
                orders.close()
                _settle_in(parent, output)
                return order
            os.close(output)
            with suppress(PermissionError, ProcessLookupError):  # it did so itself already, or is gone already
                os.setpgid(child, child)
            _answer(orders, started=child)


def _wake(_number: int, _frame: FrameType | None) -> None:
    """The wakeup descriptor has done it."""


def _received(orders: socket.socket) -> tuple[Order | None, int]:
    byte, descriptors, _, _ = socket.recv_fds(orders, 1, 2)
    if not byte:
        return None, -1
    with os.fdopen(descriptors[0], "rb") as file:
        file.seek(0)
        order: Any = json.load(file)
    return Order(order["module"], order["words"], order["env"]), descriptors[1]


def _reap(orders: socket.socket) -> None:
    with suppress(ChildProcessError):  # there is none left
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _answer(orders, ended=pid, status=os.waitstatus_to_exitcode(status))


def _answer(orders: socket.socket, **what: int) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # who asked has died: the next select says so
        orders.sendall(json.dumps(what).encode() + b"\n")


def _settle_in(parent: int, output: int) -> None:
    """In a new child: a group of its own, tied to `parent`, as free of what was before as after an exec."""
    with suppress(PermissionError):  # the parent did it first
        os.setpgid(0, 0)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os.kill(os.getpid(), signal.SIGKILL)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for descriptor in (null, output):
        os.close(descriptor)


def _become(order: Order) -> None:
    os.environ.clear()
    os.environ.update(order.env)
    sys.argv = [order.module, *order.words]
    runpy.run_module(order.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1].split(","))
