"""What a decoder process gives up before it reads a foreign byte. Linux only."""

import ctypes
import os
import resource
import signal

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent dies, however that dies.

    Raises ProcessLookupError when it is dead already.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent_pid:
        msg = f"parent {parent_pid} is gone"
        raise ProcessLookupError(msg)


def confine(*, memory_bytes: int, cpu_s: int) -> None:
    """Bound memory and CPU; allow no more files or sockets, no file to be written, no core dump.

    Everything needed must be imported and open by now. Standard streams keep working.
    """
    _limit(resource.RLIMIT_AS, memory_bytes)
    # At the soft limit comes SIGXCPU, which ends the process and tells why; at the hard one SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    # New descriptors must be below this, and 0, 1 and 2 are taken.
    _limit(resource.RLIMIT_NOFILE, 3)


def _limit(what: int, value: int) -> None:
    resource.setrlimit(what, (value, value))
