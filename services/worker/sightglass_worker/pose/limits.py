"""What a pose engine's process may use."""

from dataclasses import dataclass

from sightglass_worker.engines.limits import EngineLimits


@dataclass(frozen=True, slots=True)
class PoseLimits(EngineLimits):
    """MediaPipe takes 0.6 GiB of address space, 0.2 resident, and 0.02 s of CPU; a user's model its size and more."""

    call_cpu_s: int = 10
    call_wall_s: float = 60.0
