"""How often an engine may be called for a film, by the film's own time."""

from collections import deque
from typing import Final

_MINUTE_US: Final = 60_000_000
# Of a minute's calls this share may come at once; the others come at even distances. So a burst never
# leaves the rest of the minute without any.
_AT_ONCE: Final = 1 / 3


class CallBudget:
    """At most `per_minute` calls in any minute of film."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._most = max(1.0, per_minute * _AT_ONCE)
        self._rate = max(per_minute - self._most, 0.0) / _MINUTE_US
        self._left = self._most
        self._at_us = 0
        self._calls: deque[int] = deque()

    def take(self, t_us: int, *, last: bool = False) -> bool:
        """Whether a call may be made at this time, which then counts. Times must not descend.

        last: it is one of the film's last, so none need be left for later.
        """
        while self._calls and self._calls[0] <= t_us - _MINUTE_US:
            self._calls.popleft()
        self._left = min(self._most, self._left + (t_us - self._at_us) * self._rate)
        self._at_us = t_us
        if len(self._calls) >= self._per_minute or (self._left < 1 and not last):
            return False
        self._left = max(0.0, self._left - 1)
        self._calls.append(t_us)
        return True
