"""Where a text may be cut: at paragraphs, lines, sentences and words."""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import Final

# The end of a sentence, in scripts with spaces and in those without; or white space alone.
_PAUSE: Final = re.compile(r"""[.!?…]["'”’»)\]]*\s+|[。！？][」』）”]*\s*|\s+""")  # noqa: RUF001 -- as they are met
# What stands for a value that was found: `[US_SSN#1]`.
_TYPED_TOKEN: Final = re.compile(r"\[[^\[\]\s#]{1,100}#\d{1,12}\]")
_LONGEST_TOKEN: Final = 115
_SOMETHING: Final = re.compile(r"\S")


class Border(IntEnum):
    """What ends and begins at a place, the weakest first."""

    WORD = 1
    SENTENCE = 2
    LINE = 3
    PARAGRAPH = 4


def borders(text: str, start: int, end: int) -> Iterator[tuple[int, Border]]:
    """Places after `start` and up to `end` where something begins, white space being before them, in order."""
    for pause in _PAUSE.finditer(text, start, end):
        yield pause.end(), _kind(pause.group(), text[pause.end() : pause.end() + 1])


def _kind(pause: str, following: str) -> Border:
    lines = pause.count("\n")
    if lines:
        return Border.PARAGRAPH if lines > 1 else Border.LINE
    # What goes on in lower case did not end: "e.g. this", "approx. seven".
    return Border.WORD if pause[0].isspace() or following.islower() else Border.SENTENCE


def outside_typed_token(text: str, at: int, after: int) -> int:
    """`at`, or the start of the typed token that it would cut; its end, when the token begins at `after` or before."""
    for token in _TYPED_TOKEN.finditer(text, max(0, at - _LONGEST_TOKEN), at + _LONGEST_TOKEN):
        if token.start() < at < token.end():
            return token.start() if token.start() > after else token.end()
    return at


def next_text(text: str, at: int) -> int:
    """The first place from `at` on that is not white space; the text's length when there is none."""
    found = _SOMETHING.search(text, at)
    return found.start() if found else len(text)
