"""Positions in the lists of what was found in a video: pure."""

import re
from typing import Final
from uuid import UUID

from sightglass_common.errors import InvalidCursor

_POSITION: Final = re.compile(r"([0-9a-f-]{36}):([\x21-\x7e]{1,200})")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def place_of(start_us: int, finding_id: UUID) -> str:
    """The place of a finding in the list of a video's."""
    return f"{start_us}/{finding_id}"


def time_and_id(place: str) -> tuple[int, UUID]:
    """What `place_of` was given; for "" what is before the first. Raises InvalidCursor."""
    if not place:
        return -1, UUID(int=0)
    start_us, _, finding_id = place.partition("/")
    try:
        return int(start_us), UUID(finding_id)
    except ValueError as error:
        raise InvalidCursor from error


def position_of(position: str) -> tuple[UUID, str]:
    """The analysis and the place in its list that a cursor's position names. Raises InvalidCursor."""
    match = _POSITION.fullmatch(position)
    if match is None:
        raise InvalidCursor
    try:
        return UUID(match[1]), match[2]
    except ValueError as error:
        raise InvalidCursor from error


def number_of(place: str) -> int:
    """The number that a place in a numbered list is; -1 for "", before the first. Raises InvalidCursor."""
    if not place:
        return -1
    if _NUMBER.fullmatch(place) is None:
        raise InvalidCursor
    return int(place)
