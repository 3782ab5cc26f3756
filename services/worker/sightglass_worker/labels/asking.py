"""Asking a provider what it sees: once for each picture nobody knows, and not for ever."""

from collections.abc import Sequence
from typing import Final

import structlog

from sightglass_common.provider_errors import AnswerUnusable, ProviderRefused, ProviderUnavailable
from sightglass_worker.labels.budget import CallBudget, OutOfCalls
from sightglass_worker.labels.cache import LabelCache, cache_key, of_frame, placed
from sightglass_worker.labels.outcome import Counts, Reason
from sightglass_worker.labels.provider import KeyFrame, Label, LabelProvider
from sightglass_worker.labels.retrying import Patience, patiently

# Calls in a row that came to nothing, after all their tries, after which no more are made.
_ENOUGH_FAILURES: Final = 3

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Asking:
    """What was asked and found in one analysis."""

    def __init__(
        self,
        provider: LabelProvider,
        cache: LabelCache,
        counts: Counts,
        *,
        calls: int,
        max_labels: int,
        patience: Patience,
    ) -> None:
        self.labels: list[Label] = []
        self._provider = provider
        self._cache = cache
        self._counts = counts
        self._calls = CallBudget(calls)
        self._max_labels = max_labels
        self._patience = patience
        self._failures = 0
        self._stopped: Reason | None = None

    @property
    def stopped(self) -> Reason | None:
        """Why no more is asked, if so."""
        return self._stopped

    async def ask(self, frames: Sequence[KeyFrame]) -> None:
        """Find the labels of a scene's frames, or count why there are none. Raises only what the cache raises."""
        # The frames of a scene in which nothing moves are one picture.
        pictures: dict[bytes, list[KeyFrame]] = {}
        for frame in frames:
            pictures.setdefault(cache_key(frame, self._provider.identity, self._max_labels), []).append(frame)
        known = await self._cache.get(list(pictures))
        for key in known:
            self._keep(known[key], pictures[key])
            self._counts.cached += len(pictures[key])
        new = [key for key in pictures if key not in known]
        for start in range(0, len(new), self._provider.frames_per_call):
            await self._call({key: pictures[key] for key in new[start : start + self._provider.frames_per_call]})
        self._counts.calls, self._counts.sent = self._calls.made, self._calls.pictures

    async def _call(self, pictures: dict[bytes, list[KeyFrame]]) -> None:
        count = sum(map(len, pictures.values()))
        if self._stopped:
            self._counts.lose(self._stopped, count)
            return
        asked = [same[0] for same in pictures.values()]
        try:
            labels = await patiently(self._provider, asked, self._max_labels, self._calls, self._patience)
        except OutOfCalls:
            self._counts.lose("budget", count)
        except ProviderRefused as error:
            self._stopped = "provider_refused"
            self._failed("provider_refused", error, count)
        except ProviderUnavailable as error:
            self._failed("provider_unavailable", error, count)
        except AnswerUnusable as error:
            self._failed("answer_unusable", error, count)
        else:
            self._failures = 0
            found = {key: of_frame(labels, same[0]) for key, same in pictures.items()}
            await self._cache.put(found)
            for key, same in pictures.items():
                self._keep(found[key], same)

    def _keep(self, labels: Sequence[Label], same: Sequence[KeyFrame]) -> None:
        for frame in same:
            self.labels += placed(labels, frame)
        self._counts.labelled += len(same)

    def _failed(self, reason: Reason, error: Exception, frames: int) -> None:
        _log.warning("labels.call_failed", reason=reason, error=str(error))
        self._counts.lose(reason, frames)
        self._failures += 1
        if self._failures >= _ENOUGH_FAILURES:
            self._stopped = self._stopped or reason
