"""E-mails: headers, and each part as an object of its own. A mailbox is many of them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from functools import partial

from sightglass_scanner.readers.archives import Member
from sightglass_scanner.readers.containers import Place, Read, held, unpacked
from sightglass_scanner.readers.locator import Locator, PlaceKind
from sightglass_scanner.readers.reading import Locate, Piece, Skipped, SkipReason, Text
from sightglass_scanner.readers.segments import Segment, texts
from sightglass_scanner.readers.unpacked import Unpacked

_ENCRYPTED = frozenset(("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"))
# RFC 4155: a line that begins so, behind an empty one, begins the next message.
_BEGINS = re.compile(rb"(?:\A|\r?\n\r?\n)(?=From [^\n]{3,200}\d{4}[^\n]{0,20}\n)")
_BLOCK_BYTES = 1024 * 1024


def read_mail(place: Place, read: Read) -> Iterator[Piece]:
    """An e-mail. Raises Refused when it is too large."""
    source = held(place.source)
    size_bytes = source.size_bytes or 0
    place.budget.held(size_bytes)
    yield from _message(source.read(0, size_bytes), place, read)


def read_mailbox(place: Place, read: Read) -> Iterator[Piece]:
    """Each message of a mailbox, as its members `message 1` and so on. Raises Refused."""
    for number, data in enumerate(_messages(place), 1):
        place.budget.entry()
        yield from unpacked(
            Member(f"message {number}", _held(data, place)), place.depth, place.budget, partial(_read_message, read)
        )


def _read_message(read: Read, place: Place) -> Iterator[Piece]:
    yield from read_mail(place, read)


def _messages(place: Place) -> Iterator[bytes]:
    data, at = b"", 0
    while block := place.source.read(at, _BLOCK_BYTES):
        at += len(block)
        data += block
        begins = [match.end() for match in _BEGINS.finditer(data) if match.end()]
        for start, end in zip([0, *begins], begins, strict=False):
            yield data[start:end]
        data = data[begins[-1] :] if begins else data
        place.budget.held(len(data))
    if data:
        yield data


def _message(data: bytes, place: Place, read: Read) -> Iterator[Piece]:
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    message = BytesParser(policy=policy.compat32).parsebytes(data)
    for index, part in enumerate(message.walk()):
        place.budget.entry()
        yield from texts(_headers(part, index))
        if part.get_content_type() in _ENCRYPTED:
            yield Skipped(SkipReason.ENCRYPTED, Locator(PlaceKind.TEXT, part=str(index)))
        # A forwarded message is walked through like any other part.
        if not part.is_multipart():
            yield from _body(part, index, place, read)


def _headers(part: Message, index: int) -> Iterator[Segment]:
    for name, value in part.raw_items():
        text = _decoded(str(value))
        yield Segment(f"{name}: {text}", partial(_header_place, index, name))


def _header_place(index: int, name: str, character: int) -> Locator:
    return Locator(PlaceKind.HEADER, part=str(index), header=name, column=max(1, character - len(name) - 1))


def _decoded(value: str) -> str:
    flat = " ".join(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())
    try:
        return str(make_header(decode_header(flat)))
    except (MessageError, ValueError, LookupError):
        return flat


def _body(part: Message, index: int, place: Place, read: Read) -> Iterator[Piece]:
    payload: object = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or not payload.strip():
        return
    name = _decoded(part.get_filename() or "")
    if name:
        member = Member(name, _held(payload, place))
        pieces = unpacked(member, place.depth + 1, place.budget, read)
    else:
        charset = part.get_content_charset()
        pieces = read(replace(place, source=_held(_as_utf8(payload, charset), place), name=""))
    for piece in pieces:
        yield _of_part(piece, str(index))


def _as_utf8(payload: bytes, charset: str | None) -> bytes:
    """A body in the encoding that its header names; one that names none, or what it is not in, is left to be told."""
    if charset is None or charset in {"us-ascii", "utf-8"}:
        return payload
    try:
        return payload.decode(charset).encode()
    except (LookupError, UnicodeError):
        return payload


def _of_part(piece: Piece, index: str) -> Piece:
    if isinstance(piece, Text):
        return replace(piece, locate=partial(_located, piece.locate, index))
    if isinstance(piece, Skipped):
        return replace(piece, place=_with_part(piece.place or Locator(PlaceKind.TEXT), index))
    return piece


def _located(locate: Locate, index: str, start: int, end: int) -> Locator:
    return _with_part(locate(start, end), index)


def _with_part(place: Locator, index: str) -> Locator:
    return place if place.part is not None else replace(place, part=index)


def _held(data: bytes, place: Place) -> Unpacked:
    """Bytes that were decoded from the message, counted as what is unpacked."""
    chunks = iter((data, b""))
    return Unpacked(lambda _: next(chunks, b""), lambda: len(data), place.budget)
