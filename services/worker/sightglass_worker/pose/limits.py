"""What an engine's process may use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoseLimits:
    """Bounds on one engine process.

    memory_bytes: address space. MediaPipe takes 0.6 GiB of it, 0.2 resident; a model of a user's own its size and more.
    call_cpu_s, call_wall_s: for one picture; MediaPipe takes 0.02 s of CPU.
    start_wall_s: until the model is loaded.
    """

    memory_bytes: int = 2 * 1024**3
    call_cpu_s: int = 10
    call_wall_s: float = 60.0
    start_wall_s: float = 120.0
