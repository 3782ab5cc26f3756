"""How many exports are on their way."""

from dataclasses import dataclass
from typing import Final

from sightglass_common.errors import RateLimited

_COME_BACK_S: Final = 10


@dataclass(slots=True)
class Exports:
    """How many exports are on their way: each holds a connection to the database."""

    running: int = 0

    def begin(self, most: int) -> None:
        """Count one more. Raises RateLimited."""
        if self.running >= most:
            raise RateLimited("Other exports are on their way.", retry_after_s=_COME_BACK_S)
        self.running += 1

    def end(self) -> None:
        """Count one less."""
        self.running -= 1
