"""Providers that do not answer are left in peace for a while: a question then goes to the next one at once."""

import time
from collections.abc import Callable, Hashable
from typing import Final

# Questions in a row that came to nothing, after all their attempts.
_ENOUGH_FAILURES: Final = 3
_REST_S: Final = 30.0
# Of those that fail; each is forgotten with its first success.
_MOST_KNOWN: Final = 10_000


class Breakers:
    """What this process knows of providers that fail. clock: seconds, going on.

    After three failures in a row one question in 30 s is let through, until one is answered.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[Hashable, int] = {}
        self._rests_until: dict[Hashable, float] = {}

    def lets(self, provider: Hashable) -> bool:
        """Whether it may be asked now; of those that ask at once while it rests, the first tries for all."""
        now = self._clock()
        until = self._rests_until.get(provider)
        if until is None:
            return True
        if now < until:
            return False
        self._rests_until[provider] = now + _REST_S
        return True

    def answered(self, provider: Hashable) -> None:
        """It is well."""
        self._failures.pop(provider, None)
        self._rests_until.pop(provider, None)

    def failed(self, provider: Hashable) -> None:
        """It came to nothing."""
        if provider not in self._failures and len(self._failures) >= _MOST_KNOWN:
            self.answered(next(iter(self._failures)))
        self._failures[provider] = self._failures.get(provider, 0) + 1
        if self._failures[provider] >= _ENOUGH_FAILURES:
            self._rests_until[provider] = self._clock() + _REST_S
