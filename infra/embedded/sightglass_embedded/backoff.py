"""The pause before a child that ended is started again."""

from typing import Final

_FIRST_S: Final = 0.5
_LONGEST_S: Final = 30.0
_STABLE_S: Final = 60.0  # a child that ran this long is taken for healthy


class Backoff:
    """Half a second, doubled at each end up to 30 s; from the beginning after 60 s of life."""

    def __init__(self) -> None:
        self._next_s = _FIRST_S

    def pause_s(self, lived_s: float) -> float:
        """Seconds to wait after a life of `lived_s` seconds."""
        if lived_s >= _STABLE_S:
            self._next_s = _FIRST_S
        pause = self._next_s
        self._next_s = min(pause * 2, _LONGEST_S)
        return pause
