"""Cursors of pages: where the last page ended, bound to the list that it was made for."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated, Final, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from sightglass_common.errors import InvalidCursor

T = TypeVar("T")

MOST: Final = 200
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items a page holds at most.")]
# The longest name an object's key and its version, of 1,024 bytes each, which base64 makes 2,800 characters.
Cursor = Annotated[str | None, Query(max_length=4000, description="`next_cursor` of the page before.")]

_CHECK_BYTES: Final = 6


class Page(BaseModel, Generic[T]):
    """Some items of a list, and where the next ones begin; a `next_cursor` of null ends it."""

    items: list[T]
    next_cursor: str | None


def encode(listing: str, position: str) -> str:
    """A cursor that goes on after `position` in `listing` (which names its filters too).

    It is no secret and needs no key: what it may show, row-level security decides. The checksum only keeps
    a cursor of one list from being taken for another's.
    """
    data = position.encode()
    return base64.urlsafe_b64encode(_check(listing, data) + data).decode().rstrip("=")


def decode(listing: str, cursor: str | None) -> str | None:
    """The position that a cursor of `listing` holds; None without a cursor. Raises InvalidCursor."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, data = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
        if check != _check(listing, data):
            raise InvalidCursor("This cursor is not of this list with these filters.")
        return data.decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor from error


def decode_id(listing: str, cursor: str | None) -> UUID | None:
    """The id that a cursor of `listing` holds. Raises InvalidCursor."""
    position = decode(listing, cursor)
    try:
        return None if position is None else UUID(position)
    except ValueError as error:
        raise InvalidCursor from error


def decode_number(listing: str, cursor: str | None) -> int | None:
    """The number that a cursor of `listing` holds. Raises InvalidCursor."""
    position = decode(listing, cursor)
    try:
        return None if position is None else int(position)
    except ValueError as error:
        raise InvalidCursor from error


def page(listing: str, found: Sequence[T], limit: int, position: Callable[[T], str]) -> Page[T]:
    """A page of at most `limit` of the items found; the query asked for one more, to see whether there are."""
    items = list(found[:limit])
    more = len(found) > limit
    return Page(items=items, next_cursor=encode(listing, position(items[-1])) if more else None)


def _check(listing: str, data: bytes) -> bytes:
    return hashlib.sha256(listing.encode() + b"\0" + data).digest()[:_CHECK_BYTES]
