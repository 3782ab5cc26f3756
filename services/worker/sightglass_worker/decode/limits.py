"""What a film may be, and what its decoder may use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a film and on the child process that decodes it.

    max_pixels: of one coded frame; 8K DCI is 8192 x 4320.
    max_frames: 12 hours at 120 frames a second.
    memory_bytes: address space of the child. The interpreter and its libraries take about 0.2 GiB
        of it (reserved, not resident). While it probes, probe_memory_bytes: the first frame of a film of 8K and 10
        bits needs 340 MB with that, and a header may claim to need anything.
    cpu_s: of the child's whole life; while it probes, probe_cpu_s. wall_s: for an analysis;
        probe_wall_s: for a probe, its remote reads included. Waiting between the two counts for none.
    """

    max_bytes: int = 64 * 1024**3
    max_duration_us: int = 12 * 3_600_000_000
    max_pixels: int = 8192 * 4320
    max_frames: int = 12 * 3600 * 120
    memory_bytes: int = 3 * 1024**3 // 2
    cpu_s: int = 4 * 3600
    wall_s: float = 6 * 3600.0
    probe_wall_s: float = 60.0
    probe_cpu_s: int = 20
    probe_memory_bytes: int = 512 * 1024**2
