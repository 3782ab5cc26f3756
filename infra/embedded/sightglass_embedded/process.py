"""One child process: bound to our life, its output read line by line, and ended step by step."""

import asyncio
import codecs
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from sightglass_embedded.output import Sink

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_READ_BYTES: Final = 65_536
_LINE_LIMIT: Final = 65_536  # characters; a longer line is cut into pieces, so it cannot fill our memory

# From the gentlest: each signal and the seconds that the process has to end after it.
StopSteps = Sequence[tuple[signal.Signals, float]]


@dataclass(frozen=True)
class Command:
    """What to run.

    death_signal: what the kernel sends it should we die without stopping it.
    user, group: the account to run as; None: ours.
    stdin: descriptor that becomes its stdin; None: nothing to read.
    by_descriptor: a folder that is handed over open. The words that begin with its path get one that passes
        through no folder above it, where `user` may not go.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path | None = None
    death_signal: signal.Signals = signal.SIGKILL
    user: int | None = None
    group: int | None = None
    stdin: int | None = None
    by_descriptor: Path | None = None

    @contextmanager
    def opened(self) -> Generator[tuple[Sequence[str], Sequence[int]]]:
        """The words to run, and the descriptors that they need; these close with the block."""
        if self.by_descriptor is None:
            yield self.argv, ()
            return
        descriptor = os.open(self.by_descriptor, os.O_RDONLY | os.O_DIRECTORY)
        begin = f"{self.by_descriptor}/"
        try:
            yield (
                [
                    f"/proc/self/fd/{descriptor}/{word.removeprefix(begin)}" if word.startswith(begin) else word
                    for word in self.argv
                ],
                (descriptor,),
            )
        finally:
            os.close(descriptor)


class Handle(Protocol):
    """What `Process` needs of a child: asyncio's own process, or one that the fork server has started."""

    @property
    def pid(self) -> int:
        """The process id, and that of its group."""
        ...

    @property
    def returncode(self) -> int | None:
        """None while it runs; -N if signal N ended it."""
        ...

    async def wait(self) -> int:
        """Wait until it has ended; the exit code."""
        ...

    def send_signal(self, signal: int, /) -> None:
        """Send a signal. Raises ProcessLookupError if it ended in this moment."""
        ...


class Process:
    """A running child apart from our terminal, so that a ctrl-C there reaches only us."""

    def __init__(self, process: Handle, pump: "asyncio.Task[None]") -> None:
        self._process = process
        self._pump = pump

    @classmethod
    async def start(cls, command: Command, sink: Sink) -> "Process":
        """Start `command`; its stdout and stderr go to `sink`. Raises OSError if it cannot be run."""
        return await cls.with_output(sink, lambda output: _spawned(command, output))

    @classmethod
    async def with_output(cls, sink: Sink, start: Callable[[int], Awaitable[Handle]]) -> "Process":
        """What `start` starts with the descriptor that it gets as stdout and stderr; these go to `sink`."""
        # A pipe of our own: asyncio's would make us wait for whatever the child leaves behind with its end of it.
        ours, theirs = os.pipe()
        try:
            process = await start(theirs)
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        return cls(process, asyncio.create_task(_pump(ours, sink)))

    @property
    def pid(self) -> int:
        """The process id, which stays the same over exec (`unshare` becomes what it runs)."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; -N if signal N ended it."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait until it has ended and its output is read; the exit code."""
        code = await self._process.wait()
        # A grandchild that lives on may hold the pipe open: what it says later is not waited for.
        await asyncio.wait([self._pump], timeout=0.5)
        self._pump.cancel()
        await asyncio.wait([self._pump])
        return code

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended already."""
        with suppress(ProcessLookupError):  # it ended in this moment: what the signal was for is reached
            self._process.send_signal(number)

    async def stop(self, steps: StopSteps) -> int:
        """End it: each step's signal, then up to its seconds of patience; at last SIGKILL to all its group."""
        for number, patience_s in steps:
            if self.exit_code is not None:
                break
            self.send(number)
            with suppress(TimeoutError):  # it did not heed: the next step is stronger
                await asyncio.wait_for(self._process.wait(), patience_s)
        self.kill()
        return await self.wait()

    def kill(self) -> None:
        """SIGKILL to it and to all that it started in its session's group."""
        if self.exit_code is None:
            with suppress(ProcessLookupError):  # as in send()
                os.killpg(self.pid, signal.SIGKILL)


# Starts a process with its output in the sink that it is given. Raises OSError if it cannot.
Start: TypeAlias = Callable[[Sink], Awaitable[Process]]


def running(command: Callable[[], Command]) -> Start:
    """The `Start` of a command line; `command` is asked before each start."""

    async def start(sink: Sink) -> Process:
        return await Process.start(command(), sink)

    return start


async def _spawned(command: Command, output: int) -> asyncio.subprocess.Process:
    with command.opened() as (argv, descriptors):
        return await asyncio.create_subprocess_exec(
            *argv,
            env=dict(command.env),
            cwd=command.cwd,
            stdin=asyncio.subprocess.DEVNULL if command.stdin is None else command.stdin,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=0o077,
            user=command.user,
            group=command.group,
            extra_groups=None if command.user is None else (),
            pass_fds=descriptors,
            preexec_fn=_tied_to_parent(command.death_signal),
        )


async def _pump(output: int, sink: Sink) -> None:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(output, "rb", buffering=0)
    )
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    rest = ""
    try:
        while chunk := await reader.read(_READ_BYTES):
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            for line in lines:
                sink.line(line.rstrip("\r"))
            if len(rest) > _LINE_LIMIT:
                sink.line(rest)
                rest = ""
    finally:
        if rest:
            sink.line(rest)
        transport.close()


def _tied_to_parent(number: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:  # runs in the child, between fork and exec
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the line above
            os.kill(os.getpid(), signal.SIGKILL)

    return tie
