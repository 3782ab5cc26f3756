"""Server-sent events, read from bytes (WHATWG HTML, section 9.2)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sightglass_client.errors import UnexpectedAnswer

# Only these end a line. `str.splitlines` also breaks at U+2028 and others, which JSON may hold as they are.
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_LONGEST_LINE: Final = 4_000_000


@dataclass(frozen=True)
class Event:
    """One event. `id` is the last id that the stream named, which a reconnect sends back."""

    data: str
    kind: str = "message"
    id: str | None = None


def events(chunks: Iterable[bytes]) -> Iterator[Event | None]:
    """The events of a stream; None for each comment, which shows that the stream is alive.

    An event that the stream breaks off within is dropped, as the standard wants. Raises UnexpectedAnswer for a line
    of more than 4 MB.
    """
    data: list[str] = []
    kind, last_id = "", None
    for line in _lines(chunks):
        if not line:
            if data:
                yield Event("\n".join(data), kind or "message", last_id)
            data, kind = [], ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "":
                yield None
            case "data":
                data.append(value)
            case "event":
                kind = value
            case "id" if "\0" not in value:
                last_id = value
            case _:
                continue  # `retry`: our own back-off serves; unknown fields: the standard ignores them


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        rest += chunk
        # A last \r may be half of \r\n: it waits for the next chunk.
        whole = rest[:-1] if rest.endswith(b"\r") else rest
        *lines, _ = _LINE_END.split(whole)
        taken = sum(len(end.group()) for end in _LINE_END.finditer(whole)) + sum(map(len, lines))
        rest = rest[taken:]
        if len(rest) > _LONGEST_LINE:
            raise UnexpectedAnswer("An event of the stream has no end.")
        yield from (line.decode("utf-8", errors="replace") for line in lines)
