"""Follows work on the server: by its event stream, taken up again where it broke off, and until a deadline."""

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from sightglass_client.errors import WaitTimedOut
from sightglass_client.events import Event, events
from sightglass_client.session import Session

# The server sends a comment each 15 s: silence for longer means that something in between holds the stream back.
ALIVE_S: Final = 20.0
# The first silence is judged sooner, by asking how the work stands meanwhile.
FIRST_SILENCE_S: Final = 5.0


class Following:
    """The way of one resource's work to its end.

    path: of the resource. late: makes of `timeout_s` what is raised after that time. clock: of this machine, or a
    test's.
    last_id: of the event that a stream goes on behind.
    """

    def __init__(
        self,
        session: Session,
        path: str,
        *,
        late: Callable[[float], WaitTimedOut],
        timeout_s: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._path = path
        self._late = late
        self._clock = clock
        self._timeout_s = math.inf if timeout_s is None else timeout_s
        self._deadline = clock() + self._timeout_s
        self.last_id: str | None = None

    @contextmanager
    def stream(self, alive_s: float) -> Generator[httpx.Response]:
        """The answer to a request for the event stream, which may be a refusal. Raises httpx.ReadTimeout in a silence
        of `alive_s`, httpx.TransportError.
        """
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-cache"}
        if self.last_id is not None:
            headers["Last-Event-ID"] = self.last_id
        with self._session.stream(f"{self._path}/events", headers, timeout_s=self._bounded(alive_s)) as answer:
            yield answer

    def events(self, answer: httpx.Response) -> Iterator[Event]:
        """The events of a stream, as they come."""
        for event in events(answer.iter_bytes()):
            self._check()
            if event is not None:
                yield event

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the deadline."""
        self._session.sleep(self._bounded(seconds))
        self._check()

    def _bounded(self, seconds: float) -> float:
        self._check()
        return min(seconds, max(0.01, self._deadline - self._clock()))

    def _check(self) -> None:
        if self._clock() >= self._deadline:
            raise self._late(self._timeout_s)


def is_stream(answer: httpx.Response) -> bool:
    """Whether an answer is an event stream, and no refusal."""
    return answer.is_success and answer.headers.get("Content-Type", "").startswith("text/event-stream")
