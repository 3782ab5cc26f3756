"""What any object holds, whatever its format: the reading that is done in the child."""

import errno
from collections.abc import Callable, Iterator
from typing import Final

from sightglass_scanner.readers import columnar, containers, database, mail, metadata, ole, pdf
from sightglass_scanner.readers.containers import COMPRESSED, Place
from sightglass_scanner.readers.limits import Budget, Limits, Refused
from sightglass_scanner.readers.reading import Handed, MediaKind, Piece, Skipped, SkipReason
from sightglass_scanner.readers.sniff import HEAD_BYTES, Format, sniff
from sightglass_scanner.readers.source import Source
from sightglass_scanner.readers.texts import read_text

# What is read in any order.
_WHOLE: Final[dict[Format, Callable[[Source], Iterator[Piece]]]] = {
    Format.PDF: pdf.read,
    Format.OLE: ole.read,
    Format.SQLITE: database.read,
    Format.PARQUET: columnar.read_parquet,
    Format.ORC: columnar.read_orc,
    Format.AVRO: columnar.read_avro,
    Format.IMAGE: metadata.read,
}


def contents(source: Source, name: str, limits: Limits) -> Iterator[Piece]:
    """All text of an object, and what could not be read of it. Raises MemoryError, and what the source raises."""
    try:
        yield from _read(Place(source, name, 0, Budget(limits)))
    except Refused as refused:
        yield Skipped(refused.reason, None, refused.detail)


def _read(place: Place) -> Iterator[Piece]:
    head = place.source.read(0, HEAD_BYTES)
    if not head:
        if place.source.size_bytes == 0 and getattr(place.source, "failure", None) is None:
            yield Skipped(SkipReason.EMPTY)
        return
    try:
        yield from _of_format(place, head)
    except Refused as refused:
        if refused.ends_all:
            raise
        yield Skipped(refused.reason, None, refused.detail)
    except MemoryError:
        raise
    except Exception as error:
        if getattr(error, "errno", None) == errno.EMFILE:
            raise  # a module that was to be loaded by now: our mistake, not the object's
        yield Skipped(SkipReason.DAMAGED, None, type(error).__name__)


def _of_format(place: Place, head: bytes) -> Iterator[Piece]:
    found = sniff(head)
    if found is Format.TEXT:
        yield from read_text(place.source, place.name)
    elif found is Format.ZIP or found is Format.TAR or found is Format.SEVEN_ZIP:
        yield from containers.packed(place, found, _read)
    elif found is not None and found in COMPRESSED:
        yield from containers.compressed(place, found, _is_tar, _read)
    elif found is Format.EMAIL:
        yield from mail.read_mail(place, _read)
    elif found is Format.MBOX:
        yield from mail.read_mailbox(place, _read)
    elif found is Format.VIDEO:
        yield Handed(MediaKind.VIDEO)
    elif found is not None and found in _WHOLE:
        if found is Format.IMAGE:
            yield Handed(MediaKind.IMAGE)
        yield from _WHOLE[found](containers.held(place.source))
    else:
        raise Refused(SkipReason.UNSUPPORTED, found or "")


def _is_tar(source: Source) -> bool:
    return sniff(source.read(0, HEAD_BYTES)) is Format.TAR
