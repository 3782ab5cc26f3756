"""The way from an object's bytes to text with exact places."""

from collections.abc import Iterator
from itertools import chain, islice

from sightglass_scanner.readers.foreign import read_foreign
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.reading import Ended, Handed, MediaKind, Piece, Skipped, SkipReason, Text
from sightglass_scanner.readers.sniff import HEAD_BYTES, Format, sniff
from sightglass_scanner.readers.source import Source
from sightglass_scanner.readers.texts import read_held, read_text


def read(source: Source, limits: Limits, *, name: str = "") -> Iterator[Piece | Ended]:
    """All text of an object, and what could not be read of it.

    Text as it stands is read here, all else by a child process. Raises only what the source raises, and OSError when
    there can be no child: then nothing is known of the object. Places can be asked for until the iterator ends, as far
    as the child lives: `Ended` is given before that.
    name: of the object; it decides only between formats that the content fits both of.
    """
    head = source.read(0, HEAD_BYTES)
    if not head:
        yield Skipped(SkipReason.EMPTY)
        return
    found = sniff(head)
    if found is Format.TEXT:
        yield from read_text(source, name)
        yield Ended()
    elif found is Format.VIDEO:
        yield Handed(MediaKind.VIDEO)
    elif found is None:
        yield Skipped(SkipReason.UNSUPPORTED)
    else:
        yield from read_foreign(source, name, limits)


def read_whole(data: bytes, name: str) -> Text | None:
    """The text of an object of at most HEAD_BYTES in one piece, whose places can be asked for at any time.

    None when it is not read so.
    """
    if not data or sniff(data) is not Format.TEXT:
        return None
    first, second = islice(chain(read_held(data, name), (None, None)), 2)
    return first if second is None else None
