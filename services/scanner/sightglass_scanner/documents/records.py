"""Lines of a source in which each is a document of its own, `{id, title?, text, metadata?}`: pure."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

from sightglass_scanner.masking import storable

_MOST_ID_CHARS: Final = 512
# Of objects in objects, in metadata.
_MOST_LEVELS: Final = 32

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class NotARecord(Exception):
    """A line is no such object. detail: what about it; holds no content."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Record:
    """A document as its line has it. line: from 1. too_large: it is without its text and metadata."""

    line: int
    ref: str
    title: str
    text: str
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Json])
    too_large: bool = False

    def within(self, most_chars: int) -> "Record":
        """The record; without what it says if that is more."""
        if len(self.text) + len(self.title) + sum(map(len, told(self.metadata))) <= most_chars:
            return self
        return Record(self.line, self.ref, self.title[:most_chars], "", too_large=True)


def record_of(line: bytes, number: int) -> Record:
    """The record of a line. Raises NotARecord."""
    try:
        read: object = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotARecord("it is not JSON") from error
    if not isinstance(read, dict):
        raise NotARecord("it is not an object")
    fields = cast("dict[str, Any]", read)
    return Record(
        number,
        _ref(fields.get("id")),
        _string(fields, "title", needed=False),
        _string(fields, "text", needed=True),
        _metadata(fields.get("metadata")),
    )


def _ref(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_ID_CHARS or value != storable(value):
        raise NotARecord(f"`id` is not a string of 1 to {_MOST_ID_CHARS} characters")
    return value


def _string(fields: Mapping[str, object], name: str, *, needed: bool) -> str:
    value = fields.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str):
        raise NotARecord(f"`{name}` is not a string")
    return storable(value)


def _metadata(value: object) -> Mapping[str, Json]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise NotARecord("`metadata` is not an object")
    return cast("dict[str, Json]", _clean(cast("object", value), 1))


def _clean(value: object, level: int) -> Json:
    """A value that can be stored. Raises NotARecord."""
    if level > _MOST_LEVELS:
        raise NotARecord("`metadata` is nested too deeply")
    if isinstance(value, dict):
        inner = cast("dict[str, object]", value)
        return {storable(key): _clean(one, level + 1) for key, one in inner.items()}
    if isinstance(value, list):
        return [_clean(one, level + 1) for one in cast("list[object]", value)]
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise NotARecord("`metadata` has a number that is too large")
    return cast("bool | int | float | None", value)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def told(metadata: Mapping[str, Json]) -> Iterator[str]:
    """What metadata says: each key, and each value under its key, as both are written."""
    for key, value in metadata.items():
        yield from _told(key, value)


def _told(path: str, value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        yield path
        for key, one in value.items():
            yield from _told(f"{path}.{key}" if path else key, one)
    elif isinstance(value, list):
        yield path
        for one in value:
            yield from _told(path, one)
    else:
        yield f"{path}: {value}"
