"""Values that are hidden: by characters that look alike or are not seen, by separators, by one layer of encoding."""

import binascii
import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

from sightglass_detect.engine.words import BARRIER
from sightglass_detect.views import Part, View

_BEYOND_ASCII: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# What is not seen: Unicode's format characters (zero width, bidi, soft hyphen), and joiners that are marks.
_UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_DASHES: Final = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\ufe58\ufe63\uff0d")
# A number with separators wherever its writer liked; what has more digits is a row of numbers.
_SPREAD: Final = re.compile(
    rb"(?<![0-9])(?<![0-9][ ._/*\\-])[0-9](?:[ ._/*\\-]{0,3}[0-9]){7,23}(?![ ._/*\\-]{0,3}[0-9])"
)
_DIGITS: Final = re.compile(rb"[0-9]+")
_URL: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_HEX: Final = re.compile(rb"(?<![0-9A-Za-z])(?:0x)?((?:[0-9A-Fa-f]{2}){8,32768})(?![0-9A-Za-z])")
_BASE64: Final = re.compile(rb"(?<![0-9A-Za-z+/_-])([0-9A-Za-z+/_-]{12,65536}={0,2})(?![0-9A-Za-z+/_=-])")
_TEXT: Final = re.compile(rb"[\t\r\n -~]*(?:[\xc2-\xf4][\x80-\xbf]+[\t\r\n -~]*)*")
_LEAST_TEXT_BYTES: Final = 7
# What stands before an encoded value names it: as far as words of context are looked for.
_BEFORE_BYTES: Final = 64


def normalised(data: bytes) -> Iterator[View]:
    """The text as it is meant: views, none of which is the text itself."""
    clean = _clean(data)
    if clean is not None:
        yield clean
    text = data if clean is None else clean.data
    spread = _joined(text, clean)
    if spread is not None:
        yield spread
    if b"%" in text and (plain := _unquoted(text, clean)) is not None:
        yield plain
    # Of all of one encoding one view: a text of thousands of short ones would be as many.
    hexed = ((match, bytes.fromhex(match[1].decode())) for match in _HEX.finditer(text))
    yield from _decoded(text, hexed, (2, 1), clean)
    based = ((match, _of_base64(match[1])) for match in _BASE64.finditer(text))
    yield from _decoded(text, based, (4, 3), clean)


def _clean(data: bytes) -> View | None:
    """Without what is not seen, and each character as NFKC has it; None when that is the text."""
    if data.isascii():
        return None
    return _replaced(data, ((m.start(), m.end(), _meaning(m[0])) for m in _BEYOND_ASCII.finditer(data)), None)


def _unquoted(text: bytes, under: View | None) -> View | None:
    found = ((m.start(), m.end(), bytes.fromhex(m[1].decode())) for m in _URL.finditer(text))
    return _replaced(text, found, under)


def _joined(text: bytes, under: View | None) -> View | None:
    """Numbers without their separators."""
    found: list[tuple[int, int, bytes]] = []
    for number in _SPREAD.finditer(text):
        runs = [run.span() for run in _DIGITS.finditer(text, *number.span())]
        found += ((end, start, b"") for (_, end), (start, _) in pairwise(runs))
    return _replaced(text, iter(found), under)


def _replaced(data: bytes, found: Iterator[tuple[int, int, bytes]], under: View | None) -> View | None:
    """The text with other bytes for some runs; None when they are the same."""
    parts: list[Part] = []
    at = 0
    for start, end, meaning in found:
        if meaning == data[start:end]:
            continue
        if at < start:
            parts.append(Part(data[at:start], at, start))
        if meaning:
            parts.append(Part(meaning, start, end, (0, 1)))
        at = end
    if not at:
        return None
    if at < len(data):
        parts.append(Part(data[at:], at, len(data)))
    return View(parts, under=under)


def _decoded(
    text: bytes, found: Iterable[tuple[re.Match[bytes], bytes | None]], per: tuple[int, int], under: View | None
) -> Iterator[View]:
    parts: list[Part] = []
    for match, meaning in found:
        if meaning is None or len(meaning) < _LEAST_TEXT_BYTES or not _TEXT.fullmatch(meaning):
            continue
        start, end = match.span(1)
        before = max(0, match.start() - _BEFORE_BYTES)
        # Without a place: what is found in it is found in the text, where it is not cut.
        parts.append(Part(text[before : match.start()], start, start))
        parts += (Part(meaning, start, end, per), Part(BARRIER, end, end))
    if parts:
        yield View([part for part in parts if part.data], under=under)


def _of_base64(value: bytes) -> bytes | None:
    plain = value.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    if len(plain) % 4 == 1:
        return None
    try:
        return b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None


@lru_cache(maxsize=4096)
def _meaning(character: bytes) -> bytes:
    """A character as it is meant; empty for one that is not seen."""
    try:
        char = character.decode()
    except UnicodeDecodeError:
        return character
    if unicodedata.category(char) == "Cf" or char in _UNSEEN:
        return b""
    if char in _DASHES:
        return b"-"
    meant = unicodedata.normalize("NFKC", char)
    digits = "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in meant)
    return digits.encode()
