"""When a schedule is due: pure."""

from datetime import UTC, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_FIELDS: Final = 5


class NeverDue(ValueError):
    """What was given is no schedule, or one that never comes. field: which of both is to be another."""

    def __init__(self, words: str, field: Literal["cron", "timezone"] = "cron") -> None:
        super().__init__(words)
        self.field = field


def next_due(cron: str, timezone: str, after: datetime) -> datetime:
    """The first due time after a moment, in UTC. Raises NeverDue, whose words are for whoever wrote it.

    cron: minute, hour, day of the month, month, day of the week, as Debian's cron reads them. A time that the clock
    skips in spring is due when it has; one that comes twice in autumn is due once.
    """
    if len(cron.split()) != _FIELDS:
        raise NeverDue("A schedule has five fields: minute, hour, day of the month, month, day of the week.")
    try:
        zone = ZoneInfo(timezone)
    except (ValueError, OSError, LookupError) as error:
        raise NeverDue("There is no such time zone: they are called as Europe/Berlin, or UTC.", "timezone") from error
    try:
        return next(CronSim(cron, after.astimezone(zone))).astimezone(UTC)
    except CronSimError as error:
        raise NeverDue(f"{error}.") from error
    except (StopIteration, OverflowError) as error:
        raise NeverDue("This time never comes.") from error
