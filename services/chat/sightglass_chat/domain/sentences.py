"""Sentences of a segment, each as it stands there."""

import re
from typing import Final

# Where one may end: behind its last sign (and what closes with it), where something follows that may begin the next.
# Lines end sentences too, as rows, list items and headings have no full stop, but for one that was wrapped.
_END: Final = re.compile(
    r"(?<=[.!?\u2026\u3002])(?P<closing>[\"')\]\u201d\u2019]*)\s+(?=[\"'(\[\u201c\u2018]*[^\W_a-z])|\s*\n\s*"
)
# Nothing is said by less, and what has this form says what follows is about.
_LEAST_CHARS: Final = 12
_HEADING: Final = re.compile(r"#{1,6}\s")
# A line of so many characters was ended by who wrapped it, if nothing else ends it and a word goes on below.
_WRAPPED_CHARS: Final = 60
_ENDS_A_LINE: Final = ".!?:;|\u2026\u3002"
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
        if end and (_is_wrapped(text, end) if "\n" in end.group() else _SHORT_FORM.search(text, start, stop)):
            continue
        sentence = text[start:stop].strip()
        start = end.end() if end else stop
        if len(sentence) >= _LEAST_CHARS and not _HEADING.match(sentence):
            found.append(sentence)
    return found


def _is_wrapped(text: str, end: re.Match[str]) -> bool:
    """Whether the sentence goes on in the next line."""
    line = text[text.rfind("\n", 0, end.start()) + 1 : end.start()]
    goes_on = end.group().count("\n") == 1 and text[end.end() : end.end() + 1].isalnum()
    return goes_on and len(line) >= _WRAPPED_CHARS and line[-1] not in _ENDS_A_LINE and not _HEADING.match(line)
