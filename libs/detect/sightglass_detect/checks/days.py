"""Days of birth, as numbers of people hold them."""

from datetime import date


def is_day(year: int, month: int, day: int) -> bool:
    """Whether the calendar has it."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def is_short_day(year: bytes, month: int, day: int) -> bool:
    """Whether a year of two digits has such a day in one of the two centuries."""
    return is_day(1900 + int(year), month, day) or is_day(2000 + int(year), month, day)
