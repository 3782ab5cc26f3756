"""Where texts are cut into passages: pure."""

import re
from collections.abc import Iterator
from typing import Final

from sightglass_detect import Redacted

# A passage's bytes before it is redacted, and its characters after that.
MOST: Final = 2000
# What has so many bytes ends with its paragraph or line, so that a citation is near; a shorter paragraph has the next
# one with it.
_USUAL: Final = 800
_LEAST: Final = 200
_TOKEN: Final = re.compile(r"\[[A-Z0-9_]+#[0-9]+\]")
_MOST_TOKEN_CHARS: Final = 100


def cut_after(data: bytes, at: int, *, final: bool) -> int | None:
    """Where the passage that begins at `at` ends: behind a paragraph, a line, a word, or as much as it may have.

    final: nothing follows `data`. None where there is not enough to say, or all that is left is one passage.
    """
    usual, last = at + _USUAL, at + MOST
    if len(data) <= (usual if final else last):
        return None
    paragraph = data.find(b"\n\n", at + _LEAST, usual)
    if paragraph >= 0:
        return paragraph + 2
    line = data.rfind(b"\n", at + 1, usual)
    if line < 0:
        line = data.find(b"\n", usual, last)
    if line < 0:
        line = data.rfind(b" ", usual, last)
    if line >= 0:
        return line + 1
    if len(data) <= last:
        return None
    while data[last] & 0xC0 == 0x80:  # not within a character
        last -= 1
    return last


def parts(text: Redacted) -> Iterator[Redacted]:
    """A redacted text in parts of at most MOST characters, cut at ends of lines or words, and never in a token.

    White space around a part is left out, and so is a part that is nothing else.
    """
    plain, at = str(text), 0
    while at < len(plain):
        end = _end(plain, at) if len(plain) - at > MOST else len(plain)
        part = plain[at:end]
        last = at + len(part.rstrip())
        if last > at:
            yield text[at + len(part) - len(part.lstrip()) : last]
        at = end


def _end(plain: str, at: int) -> int:
    last = at + MOST
    for border in ("\n", " "):
        found = plain.rfind(border, at + _LEAST, last)
        if found >= 0:
            return found + 1
    for token in _TOKEN.finditer(plain, max(at, last - _MOST_TOKEN_CHARS), last + _MOST_TOKEN_CHARS):
        if token.start() < last < token.end():
            return token.start() if token.start() > at else token.end()
    return last
