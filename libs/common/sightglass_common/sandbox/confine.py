"""What a child gives up before it reads a foreign byte. Linux only."""

import ctypes
import os
import resource
import signal
from pathlib import Path

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


def die_with(parent_pid: int) -> None:
    """Have the kernel kill this process when the thread that started it ends, as by the death of its process.

    Raises ProcessLookupError when the process is dead already.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        msg = f"parent {parent_pid} is gone"
        raise ProcessLookupError(msg)


def confine(*, memory_bytes: int, cpu_s: int, cpu_most_s: int) -> None:
    """Bound memory and CPU; allow no more files or sockets, no file to be written, no core dump.

    No new processes or threads either, except to root, whom the kernel lets fork all the same; what
    it forks has the same limits, so no program that needs a library can be loaded.
    Everything needed must be imported and open by now. Standard streams keep working.
    memory_bytes: address space. cpu_s: until allow_cpu raises it, to cpu_most_s at most.
    """
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _limit(resource.RLIMIT_AS, memory_bytes)
    # At the soft limit comes SIGXCPU, which ends the process and tells why; at the hard one SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (min(cpu_s, cpu_most_s), cpu_most_s + 1))
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    # New descriptors must be below this, and 0, 1 and 2 are taken.
    _limit(resource.RLIMIT_NOFILE, 3)


def taken_bytes() -> int:
    """The address space that this process has by now. Not once it is confined: that takes a descriptor."""
    # proc(5): the first number is the program's size in pages.
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def allow_memory(memory_bytes: int) -> None:
    """Let the process use so much address space from now on, at most what confine allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (min(memory_bytes, hard), hard))


def allow_cpu(cpu_s: int) -> None:
    """Let the process use `cpu_s` of CPU in all. Raises ValueError beyond what confine allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, hard))


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _limit(what: int, value: int) -> None:
    resource.setrlimit(what, (value, value))
