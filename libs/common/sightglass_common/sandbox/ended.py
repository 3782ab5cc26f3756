"""What a process came to."""

import os
from dataclasses import dataclass
from typing import Final

# Exit status of a child so short of memory that it could not even say so.
OUT_OF_MEMORY_STATUS: Final = 77


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that is over. status: of its exit, or minus the signal. cpu_us: user and system time.

    peak_bytes: resident at most; of a fork also what it shares with the process that it is a fork of.
    """

    status: int
    cpu_us: int
    peak_bytes: int

    @classmethod
    def of(cls, pid: int) -> "Ended":
        """Reap a child of this process; waits for its end."""
        _, status, usage = os.wait4(pid, 0)
        cpu_us = round((usage.ru_utime + usage.ru_stime) * 1_000_000)
        return cls(os.waitstatus_to_exitcode(status), cpu_us, usage.ru_maxrss * 1024)
