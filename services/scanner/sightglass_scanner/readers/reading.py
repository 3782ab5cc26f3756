"""What comes of reading an object: text with its places, and what could not be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sightglass_scanner.readers.locator import Locator

Locate = Callable[[int, int], Locator]


@dataclass(frozen=True, slots=True)
class Column:
    """A run of one column of a table, as far as it stands in the text that it comes with.

    name: its header; empty where there is none. values: UTF-8, one of each row.
    locate: the place of a value, given its index.
    """

    name: bytes
    values: Sequence[bytes]
    locate: Callable[[int], Locator]


@dataclass(frozen=True, slots=True)
class Glance:
    """A look at a table whose cells stand in its text as they are.

    rows: how many it has at most. headers: of the columns that have one. first: given a number of rows, the values of
    each column in so many first ones; none of a column that is further on alone. It costs a fraction of all columns.
    """

    rows: int
    headers: tuple[bytes, ...]
    first: Callable[[int], Sequence[Sequence[bytes]]]


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of a stretch of text as it is scanned.

    data: UTF-8. offset: where it begins in its stretch, in bytes; 0 begins a stretch, and any other continues the one
        of the Text before, without a gap. Pieces are cut at any character.
    locate: the place of [start, end) of the stretch, at most 64 KiB before this piece; valid until the Text after the
        next is asked for. It may be slow: for findings only.
    labels: what names all of the stretch: a column's header, a key.
    columns: the piece's columns when it is of a table, with the header on each; may be slow, as it takes rows apart.
    glance: None where there is no table, or cells do not stand in `data` as they are.
    """

    data: bytes
    locate: Locate
    labels: bytes = b""
    offset: int = 0
    columns: Callable[[], Sequence[Column]] | None = None
    glance: Glance | None = None


class SkipReason(StrEnum):
    """Why something was not read."""

    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    UNSUPPORTED = "unsupported"
    DAMAGED = "damaged"
    RATIO = "ratio"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    TOO_MANY_ENTRIES = "too_many_entries"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Skipped:
    """The object, or what `place` names of it, was not read, or only in part. detail: for people; holds no content."""

    reason: SkipReason
    place: Locator | None = None
    detail: str = ""


class MediaKind(StrEnum):
    """What other services look at."""

    IMAGE = "image"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Handed:
    """The object, or its `member`, is for another service to look at as well."""

    kind: MediaKind
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing follows. The places of the last Text can still be asked for."""


Piece = Text | Skipped | Handed
