"""Positions in the list of a video's scenes: pure."""

import re
from typing import Final
from uuid import UUID

from sightglass_common.errors import InvalidCursor

_POSITION: Final = re.compile(r"([0-9a-f-]{36}):([0-9]{1,9})")


def scene_position(position: str) -> tuple[UUID, int]:
    """The analysis and the scene number that a cursor's position names. Raises InvalidCursor."""
    match = _POSITION.fullmatch(position)
    if match is None:
        raise InvalidCursor
    try:
        return UUID(match[1]), int(match[2])
    except ValueError as error:
        raise InvalidCursor from error
