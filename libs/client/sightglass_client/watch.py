"""Follows a job to its end: by its event stream while that works, else by asking again and again."""

import time
from collections.abc import Callable, Iterator
from typing import Final

import httpx

from sightglass_client.answers import problem_of
from sightglass_client.errors import UnexpectedAnswer, WaitTimedOut
from sightglass_client.following import ALIVE_S, FIRST_SILENCE_S, Following, is_stream
from sightglass_client.models import Job
from sightglass_client.retry import delay_s
from sightglass_client.session import Session, segment

_STREAM_FAILURES: Final = 5  # in a row, without an event in between
_POLL_S: Final = (0.5, 5.0)  # the shortest and the longest pause between two questions


class _NoStream(Exception):
    """The stream does not work on this route: ask instead."""


class Watch:
    """One job's way to its final state.

    timeout_s: WaitTimedOut is raised after that time. clock: of this machine, or a test's.
    """

    def __init__(
        self,
        session: Session,
        job_id: str,
        *,
        timeout_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._path = f"/v1/jobs/{segment(job_id)}"
        self._job_id = job_id
        self._way = Following(session, self._path, late=self._late, timeout_s=timeout_s, clock=clock)
        self._last: Job | None = None

    def __iter__(self) -> Iterator[Job]:
        """The job as it is now, then after each change; ends with its final state."""
        yield from self._asked()
        try:
            yield from self._streamed()
        except _NoStream:
            yield from self._polled()

    def _streamed(self) -> Iterator[Job]:
        failures, alive_s = 0, FIRST_SILENCE_S
        while not self._over:
            try:
                for job in self._one_stream(alive_s):
                    failures = 0
                    yield job
                failures += 1  # it ended before the job did: a restart of the server, or a proxy's limit
            except httpx.ReadTimeout as silence:
                if alive_s == ALIVE_S:
                    raise _NoStream from silence
                alive_s = ALIVE_S
                before = self._last
                yield from self._asked()
                if self._last is not before:
                    raise _NoStream from silence  # it moved, and the stream did not say so
            except httpx.TransportError as error:
                failures += 1
                if failures > _STREAM_FAILURES:
                    raise _NoStream from error
            if failures > _STREAM_FAILURES:
                raise _NoStream
            if failures:
                self._way.pause(delay_s(failures))

    def _one_stream(self, alive_s: float) -> Iterator[Job]:
        with self._way.stream(alive_s) as answer:
            _check_stream(answer)
            for event in self._way.events(answer):
                if event.kind != "job":
                    continue
                self._way.last_id = event.id
                yield from self._news(_job(event.data))
                if self._over:
                    return

    def _polled(self) -> Iterator[Job]:
        shortest, longest = _POLL_S
        pause = shortest
        while not self._over:
            self._way.pause(pause)
            before = self._last
            yield from self._asked()
            pause = shortest if self._last is not before else min(longest, pause * 1.5)

    def _asked(self) -> Iterator[Job]:
        yield from self._news(self._session.get_as(Job, self._path))

    def _news(self, job: Job) -> Iterator[Job]:
        # A reconnect may repeat what was seen; a slow answer may be older than an event.
        if self._last is None or job.revision > self._last.revision:
            self._last = job
            self._way.last_id = str(job.revision)
            yield job

    @property
    def _over(self) -> bool:
        return self._last is not None and self._last.over

    def _late(self, timeout_s: float) -> WaitTimedOut:
        return WaitTimedOut(
            f"The job is not over after {timeout_s:g} s.",
            detail="It goes on.",
            hint=f"sightglass jobs watch {self._job_id}",
        )


def _check_stream(answer: httpx.Response) -> None:
    """Raises ApiError if the job may not be seen, _NoStream if it is only the stream that is refused."""
    if is_stream(answer):
        return
    if answer.status_code in {401, 403, 404}:
        answer.read()
        problem = problem_of(answer)
        if problem.code != "route_not_found" and not problem.code.startswith("http_"):
            raise problem
    raise _NoStream


def _job(data: str) -> Job:
    try:
        return Job.model_validate_json(data)
    except ValueError as error:
        raise UnexpectedAnswer("An event of the stream is no job.", detail=str(error)[:200]) from error
