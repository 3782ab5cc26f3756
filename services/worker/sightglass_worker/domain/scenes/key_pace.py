"""Which key frames are looked at: all, but where they come thick and even, some."""

from typing import Final

# Where every frame is a key frame, or every twelfth, looking at all of them would be decoding the film.
PERIOD_US: Final = 1_000_000
# However unevenly they come, no more than five a second are looked at.
SHORTEST_US: Final = 200_000
# A distance that differs from the one before by more than this share is not the encoder's even pace.
_UNEVEN: Final = 0.1
# Matroska rounds times to milliseconds, so that even distances differ by up to two of them.
_ROUNDING_US: Final = 2_100


class KeyPace:
    """Decides by time alone, before a key frame is decoded, whether to.

    One that breaks an even pace was put there by the encoder, mostly as the picture changed: it is looked at.
    """

    def __init__(self) -> None:
        self._last_us: int | None = None
        self._looked_us = 0
        self._step_us = 0

    def wants(self, t_us: int) -> bool:
        """Whether to look at the key frame at this time. To be asked of every one, in order."""
        wanted = self._last_us is None or self._is_due(t_us - self._looked_us, t_us - self._last_us)
        if self._last_us is not None:
            self._step_us = t_us - self._last_us
        self._last_us = t_us
        if wanted:
            self._looked_us = t_us
        return wanted

    def _is_due(self, since_us: int, step_us: int) -> bool:
        if since_us >= PERIOD_US:
            return True
        uneven = abs(step_us - self._step_us) > max(_ROUNDING_US, _UNEVEN * self._step_us)
        return uneven and since_us >= SHORTEST_US
