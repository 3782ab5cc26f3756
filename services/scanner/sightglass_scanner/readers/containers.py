"""What is packed in an object, to any allowed depth: each member is read as an object of its own. Runs in the child."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from sightglass_scanner.readers import archives, office, seven_zip, workbook
from sightglass_scanner.readers.archives import Member
from sightglass_scanner.readers.limits import Budget, Refused
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.office import Office
from sightglass_scanner.readers.reading import Column, Handed, Piece, Skipped, SkipReason, Text
from sightglass_scanner.readers.segments import texts
from sightglass_scanner.readers.sniff import Format
from sightglass_scanner.readers.source import Source
from sightglass_scanner.readers.unpacked import Unpacked

COMPRESSED: Final = frozenset((Format.GZIP, Format.BZIP2, Format.XZ, Format.ZSTD))
# Between an archive and its member, as in b.tar!/c.txt.
_IN: Final = "!/"


@dataclass(frozen=True, slots=True)
class Place:
    """What is read now. name: its last name; depth: archives around it."""

    source: Source
    name: str
    depth: int
    budget: Budget


Read = Callable[[Place], Iterator[Piece]]


def packed(place: Place, found: Format, read: Read) -> Iterator[Piece]:
    """What is in an archive; `read` reads a member. Raises Refused, and what libraries raise on damage."""
    if found is Format.ZIP:
        source = held(place.source)
        office_kind = office.kind(*archives.zip_names(source))
        if office_kind is Office.WORKBOOK:
            archives.check_zip(source, place.budget)
            yield from workbook.read(source)
            return
        members = archives.zip_members(source, place.budget)
    elif found is Format.SEVEN_ZIP:
        office_kind = None
        members = seven_zip.members(held(place.source), place.budget)
    else:
        office_kind = None
        members = archives.tar_members(place.source, place.budget)
    if office_kind is None and place.depth >= place.budget.limits.depth:
        raise Refused(SkipReason.TOO_DEEP)
    for member in members:
        if office_kind is None:
            yield from unpacked(member, place.depth + 1, place.budget, read)
        elif office.is_text_part(member.name):
            yield from _part(member)
        elif not office.is_boilerplate(member.name):
            yield from unpacked(member, place.depth + 1, place.budget, read)


def _part(member: Member) -> Iterator[Piece]:
    """A part of an office document: not named as a member, but in each of its places."""
    content = member.content
    failure = content
    if isinstance(content, Unpacked):
        part = office.Part(content, member.name)
        yield from texts(part.paragraphs())
        failure = content.failure or part.failure
    if isinstance(failure, Refused):
        yield Skipped(failure.reason, Locator(PlaceKind.PARAGRAPH, part=member.name), failure.detail)
        if failure.ends_all:
            raise failure


def compressed(place: Place, found: Format, is_tar: Callable[[Source], bool], read: Read) -> Iterator[Piece]:
    """What a compressed object was. A tar in it is not one archive more."""
    member = archives.decompressed(place.source, found, place.name, place.budget)
    inner = member.content
    depth = place.depth if isinstance(inner, Unpacked) and is_tar(inner) else place.depth + 1
    if depth > place.budget.limits.depth:
        raise Refused(SkipReason.TOO_DEEP)
    yield from unpacked(member, depth, place.budget, read)


def held(source: Source) -> Source:
    """The source, to be read in any order. Raises Refused when it would have to be held, and is too large."""
    return source.held() if isinstance(source, Unpacked) else source


def unpacked(member: Member, depth: int, budget: Budget, read: Read) -> Iterator[Piece]:
    """What is in a member, with its name in all places. Raises Refused when nothing more is read of the object."""
    content = member.content
    if isinstance(content, Refused):
        yield Skipped(content.reason, _place(member.name), content.detail)
        return
    for piece in read(Place(content, member.name, depth, budget)):
        yield within(piece, member.name)
    if content.failure is not None:
        yield Skipped(content.failure.reason, _place(member.name), content.failure.detail)
        if content.failure.ends_all:
            raise content.failure


def within(piece: Piece, member: str) -> Piece:
    """A piece of a member as one of the archive."""
    if isinstance(piece, Skipped):
        return replace(piece, place=_inside(member, piece.place) if piece.place else _place(member))
    if isinstance(piece, Handed):
        return replace(piece, member=member if piece.member is None else member + _IN + piece.member)
    columns = piece.columns
    return Text(
        piece.data,
        partial(_located, member, piece),
        piece.labels,
        piece.offset,
        None if columns is None else lambda: [_column(member, column) for column in columns()],
    )


def _column(member: str, column: Column) -> Column:
    return Column(column.name, column.values, lambda index: _inside(member, column.locate(index)))


def _located(member: str, text: Text, start: int, end: int) -> Locator:
    return _inside(member, text.locate(start, end))


def _inside(member: str, place: Locator) -> Locator:
    return replace(place, member=member if place.member is None else member + _IN + place.member)


def _place(member: str) -> Locator:
    return Locator(PlaceKind.TEXT, member=member)
