"""Living through the absence of Postgres or SQS: back-off, and one log line when it begins and one when it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import psycopg
import structlog
from botocore.exceptions import BotoCoreError, ClientError

# What says that something did not answer, as opposed to a bug of ours, which must end the process.
OUTAGES: Final = (psycopg.OperationalError, BotoCoreError, ClientError, OSError, TimeoutError)

_FIRST_S: Final = 0.2
_LONGEST_S: Final = 5.0

_log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class Outage:
    """Whether `what` is away at present, and how long to wait before it is tried again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._delay_s = 0.0

    def began(self, error: BaseException) -> float:
        """Note a failed try; the seconds to wait, which double up to 5."""
        if not self._delay_s:
            _log.warning("outage.began", what=self._what, error=f"{type(error).__name__}: {error}")
        self._delay_s = min(_LONGEST_S, self._delay_s * 2 or _FIRST_S)
        return self._delay_s

    def over(self) -> None:
        """Note a try that went well."""
        if self._delay_s:
            _log.info("outage.over", what=self._what)
        self._delay_s = 0.0


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until `stop`."""
    with suppress(TimeoutError):  # the time is up: that is what was asked for
        await asyncio.wait_for(stop.wait(), seconds)


async def keep_on(what: str, once: Callable[[], Awaitable[object]], stop: asyncio.Event, every_s: float) -> None:
    """Do something every so many seconds until `stop`, also while what it needs is away."""
    outage = Outage(what)
    while not stop.is_set():
        try:
            await once()
        except OUTAGES as error:
            outage.began(error)
        else:
            outage.over()
        await pause(stop, every_s)
