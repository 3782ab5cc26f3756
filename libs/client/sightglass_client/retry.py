"""When to try again, and after how long."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

TRIES: Final = 5
# Answers that say "not now". 502 and 504 come from a proxy whose server restarts.
NOT_NOW: Final = frozenset({429, 502, 503, 504})
_FIRST_S: Final = 0.2
_LONGEST_S: Final = 10.0
# A server that asks for more patience than this gets none: the caller is told instead.
PATIENCE_S: Final = 60.0


def delay_s(failures: int, *, retry_after_s: float | None = None) -> float:
    """Seconds before the next try, after `failures` >= 1 of them.

    Full jitter over a doubling span, so that clients that failed together do not come back together; on top of what
    the server asked for, if it asked.
    """
    span = min(_LONGEST_S, _FIRST_S * 2 ** (failures - 1))
    return (retry_after_s or 0.0) + random.uniform(0, span)  # noqa: S311 - spreads load, guards nothing


def retry_after_s(header: str | None, *, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110: a number or a date); None if it says nothing readable."""
    if not header:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
