"""Processes that this one starts, as the kernel names and ends them. Linux only."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Protocol

from sightglass_common.sandbox.ended import Ended


class Launched(Protocol):
    """A process that was started, and is to be reaped by whoever has this."""

    @property
    def pid(self) -> int:
        """Its process id."""
        ...

    @property
    def ends(self) -> int:
        """A descriptor that is readable once it has ended."""
        ...

    def kill(self) -> None:
        """End it at once. Nothing if it is over."""
        ...

    def wait(self) -> Ended:
        """Wait for its end, and give up its descriptors. Once."""
        ...


class Executed:
    """A program that was started: a child of this process."""

    def __init__(self, module: str, environment: Mapping[str, str], stdin: int) -> None:
        """Start `python -m module PID`, where PID is this process. Raises OSError.

        It has a session of its own, so that a ctrl-C at the terminal does not reach it.
        """
        self._popen = subprocess.Popen(  # noqa: S603 -- our own module
            [sys.executable, "-I", "-m", module, str(os.getpid())],
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        # Names this very process, also when its number is given to another.
        self.ends = os.pidfd_open(self._popen.pid)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def kill(self) -> None:
        """End it at once. Nothing if it is over."""
        signal.pidfd_send_signal(self.ends, signal.SIGKILL)

    def wait(self) -> Ended:
        """Wait for its end, reap it, and give up its descriptor."""
        ended = Ended.of(self._popen.pid)
        self._popen.returncode = ended.status
        os.close(self.ends)
        return ended
