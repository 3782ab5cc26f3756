"""Server-sent events, read as their bytes come."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final, cast

from sightglass_common.provider_errors import AnswerUnusable

_MOST_LINE_BYTES: Final = 1024 * 1024
_DATA: Final = b"data:"


async def data_of(chunks: AsyncIterator[bytes]) -> AsyncGenerator[str]:
    """The data of each event; other fields and comments are left out. Raises AnswerUnusable."""
    held: list[str] = []
    async for line in _lines(chunks):
        if line.startswith(_DATA):
            held.append(_text(line.removeprefix(_DATA).removeprefix(b" ")))
        elif not line and held:
            yield "\n".join(held)
            held = []


def parsed(data: str) -> dict[str, Any]:
    """The JSON object that an event holds. Raises AnswerUnusable."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        # Its message quotes the answer.
        raise AnswerUnusable("an event that is no JSON") from None
    if not isinstance(found, dict):
        raise AnswerUnusable("an event of another form")
    return cast("dict[str, Any]", found)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    held = b""
    async for chunk in chunks:
        *whole, held = (held + chunk).split(b"\n")
        if len(held) > _MOST_LINE_BYTES:
            raise AnswerUnusable("an event without an end")
        for line in whole:
            yield line.removesuffix(b"\r")


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise AnswerUnusable("an event that is no text") from None
