"""Sentences of a segment, each as it stands there."""

import re
from typing import Final

# Where one ends: behind its last sign (and what closes with it), where something follows that may begin the next. Lines
# end sentences too: rows, list items and headings have no full stop.
_END: Final = re.compile(
    r"(?<=[.!?\u2026\u3002])(?P<closing>[\"')\]\u201d\u2019]*)\s+(?=[\"'(\[\u201c\u2018]*[^\W_a-z])|\s*\n\s*"
)
# Nothing is said by less, and what has this form says what follows is about.
_LEAST_CHARS: Final = 12
_HEADING: Final = re.compile(r"#{1,6}\s")
# A full stop behind one of these ends no sentence.
_SHORT_FORM: Final = re.compile(
    r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nr|Art|Fig|vs|approx|ca|bzw|z\.B|e\.g|i\.e))\.$"
)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, in order, each a part of it word for word; without headings and what is too short."""
    found: list[str] = []
    start = 0
    for end in [*_END.finditer(text), None]:
        stop = max(end.start(), end.end("closing")) if end else len(text)
        if end and "\n" not in end.group() and _SHORT_FORM.search(text, start, stop):
            continue
        sentence = text[start:stop].strip()
        start = end.end() if end else stop
        if len(sentence) >= _LEAST_CHARS and not _HEADING.match(sentence):
            found.append(sentence)
    return found
