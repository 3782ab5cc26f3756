"""What an engine's process may use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """Bounds on one engine process.

    memory_bytes: address space.
    call_cpu_s, call_wall_s: for one call.
    start_wall_s: until the models are loaded.
    """

    memory_bytes: int = 2 * 1024**3
    call_cpu_s: int = 30
    call_wall_s: float = 120.0
    start_wall_s: float = 120.0
