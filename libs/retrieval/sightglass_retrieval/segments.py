"""Redacted text cut into segments: what is searched, and what an answer cites."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sightglass_detect import Redacted
from sightglass_retrieval.borders import Border, borders, next_text, outside_typed_token
from sightglass_retrieval.headings import Headings
from sightglass_retrieval.locators import merged

Tokens = Callable[[str], Sequence[tuple[int, int]]]

# In English a token is 5 characters with the space. What no tokenizer knows, such as a key of a thousand letters, may
# be one token however long it is: a segment has this many for each that it may have.
_CHARACTERS_A_TOKEN: Final = 8
_CUTS: Final = (Border.PARAGRAPH, Border.LINE, Border.SENTENCE)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document whose place is known: a page, a row, a line of a scene.

    part: of the document, such as a scene of a video; no segment has passages of two parts.
    """

    text: Redacted
    locator: Mapping[str, object]
    part: object = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece that is searched. repeated: how many of its first characters the segment before has too."""

    text: Redacted
    locator: Mapping[str, object]
    repeated: int = 0


def cut(
    passages: Sequence[Passage], *, tokens: Tokens, title: str, most: int = 220, overlap: int = 40
) -> list[Segment]:
    """Cut the passages of a document, which are in its order, into segments.

    tokens: start and end of each token of a text, as the embedder counts them. title: of the document. most: tokens of
    a segment. overlap: up to how many of them repeat the end of the one before, in whole sentences.

    Passages of one part that follow one another go together, each on a line of its own, while all of them fit. One that
    does not fit is cut at the strongest border in the second half of a segment: a heading, a paragraph, a line, a
    sentence, else a word; within a word only where that is longer than a segment, and never within a typed token such
    as `[US_SSN#1]`. Only there is the end of a segment repeated. A heading begins a segment when the one before is half
    full.

    A locator is that of all its passages, from the first to the last (`locators.merged`), with `heading` when it begins
    under Markdown headings: a list of them, the title left out.

    All of the text but white space is in some segment, in its order. Raises ValueError for `most` below 16, and for an
    overlap that is not below half of it.
    """
    if most < 16 or not 0 <= overlap < most // 2:
        raise ValueError(f"segments of {most} tokens cannot repeat {overlap}")
    parts = (list(part) for _, part in groupby(passages, lambda passage: passage.part))
    return [segment for part in parts for segment in _Cutter(part, tokens, title, most, overlap).segments()]


class _Cutter:
    """Places are those of the passages put together, a line end between two."""

    def __init__(self, passages: Sequence[Passage], tokens: Tokens, title: str, most: int, overlap: int) -> None:
        self._passages = passages
        self._tokens = tokens
        self._most = most
        self._overlap = overlap
        self._whole = Redacted.joined([passage.text for passage in passages])
        self._text = str(self._whole)
        self._headings = Headings(self._text, title)
        self._starts = [0]
        for passage in passages[:-1]:
            self._starts.append(self._starts[-1] + len(passage.text) + 1)

    def segments(self) -> Iterator[Segment]:
        begin = new = next_text(self._text, 0)
        while new < len(self._text):
            end = self._end(begin, new)
            yield self._segment(begin, new, end)
            new = next_text(self._text, end)
            begin = self._repeated_from(begin, end, new)

    def _segment(self, begin: int, new: int, end: int) -> Segment:
        text = self._whole[begin : begin + len(self._text[begin:end].rstrip())]
        first, last = self._passage_at(begin), self._passage_at(begin + len(text) - 1)
        locator = merged([passage.locator for passage in self._passages[first : last + 1]])
        if path := self._headings.above(begin):
            locator["heading"] = list(path)
        return Segment(text, locator, new - begin)

    def _end(self, begin: int, new: int) -> int:
        """Where a segment ends that begins at `begin`, and of which what is from `new` on is not repeated."""
        longest = min(len(self._text), begin + self._most * _CHARACTERS_A_TOKEN)
        spans = self._tokens(self._text[begin:longest])
        room = self._most
        while True:
            limit = begin + spans[room][0] if len(spans) > room else longest
            half = begin + (spans[room // 2][0] if len(spans) > room // 2 else room * _CHARACTERS_A_TOKEN // 2)
            end = self._best(max(half, new + 1), new, max(limit, new + 1))
            # A word that is cut may have more tokens than it had.
            count = len(self._tokens(self._text[begin:end].rstrip()))
            if count <= self._most or room == 1:
                return end
            room = max(1, min(room - 1, room * self._most // count))

    def _best(self, half: int, new: int, limit: int) -> int:
        """The best place to cut at up to `limit`: a strong border from `half` on, else any after `new`."""
        heading = self._headings.first(half, limit)
        if heading is not None:
            return heading
        if limit == len(self._text):
            return limit
        passage = self._starts[self._passage_at(limit)]
        if passage > new:
            return passage
        found = [(at, kind) for at, kind in borders(self._text, new, limit) if at > new]
        for wanted in _CUTS:
            if strong := [at for at, kind in found if kind >= wanted and at >= half]:
                return strong[-1]
        return found[-1][0] if found else outside_typed_token(self._text, limit, new)

    def _repeated_from(self, begin: int, end: int, new: int) -> int:
        """Where the next segment begins, of which what is new begins at `new`: at a sentence before that, or there."""
        last = self._passage_at(end - 1)
        if not self._overlap or self._passage_at(new) != last or self._headings.last(new) == new:
            return new
        base = max(begin, end - self._overlap * _CHARACTERS_A_TOKEN)
        spans = self._tokens(self._text[base:end])
        low = base + spans[-self._overlap][0] if len(spans) > self._overlap else base
        starts = (at for at, kind in borders(self._text, base, end) if kind >= Border.SENTENCE)
        return next((at for at in starts if low <= at < new), new)

    def _passage_at(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1
