"""Numbers and times as a person reads them."""

from collections.abc import Mapping
from datetime import datetime

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size(bytes_: int | None) -> str:
    """1234567 as "1.2 MB" (powers of 1000)."""
    if bytes_ is None:
        return ""
    value, unit = float(bytes_), 0
    while value >= 999.95 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{bytes_} B"


def timecode(us: int | None) -> str:
    """7480000 microseconds as "0:00:07.480"."""
    if us is None:
        return ""
    ms = (us + 500) // 1000
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{ms:03}"


def moment(at: datetime | None) -> str:
    """A moment in this machine's time zone, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else ""


def percent(share: float | None) -> str:
    """0.254 as "25 %"."""
    return "" if share is None else f"{int(share * 100)} %"


def sentence(title: str, detail: str) -> str:
    """What happened and why, once if both say the same."""
    title, detail = title.rstrip("."), detail.rstrip(".")
    return ". ".join(part for part in (title, detail if detail != title else "") if part) + "."


def decimal(number: float | None) -> str:
    """0.2504 as "0.25", 50.0 as "50", 0.00012 as "0.00012": at least two digits that say something."""
    if number is None:
        return ""
    return f"{number:.2f}".rstrip("0").rstrip(".") if abs(number) >= 0.1 or not number else f"{number:.2g}"


def counts(counted: Mapping[str, int]) -> str:
    """How many of each, as "1 denied, 2 empty"."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items()))


def shortened(text: str, chars: int | None) -> str:
    """A text in one line, of so many characters at most."""
    line = " ".join(text.split())
    return line if chars is None or len(line) <= chars else f"{line[: chars - 1]}…"
