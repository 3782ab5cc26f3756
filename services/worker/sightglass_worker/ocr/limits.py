"""What a text engine's process may use."""

from dataclasses import dataclass

from sightglass_worker.engines.limits import EngineLimits


@dataclass(frozen=True, slots=True)
class ReaderLimits(EngineLimits):
    """RapidOCR takes 0.7 GiB of address space for pages of 1080p, 0.5 resident; 2 s of CPU for a dense one."""
