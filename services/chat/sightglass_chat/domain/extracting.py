"""Answers made of sentences that stand in the sources, word for word: the best few, each with its citation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# A sentence says what was asked if its vector is so near to the question's, or nearly so and most of the question's
# words are in it; where there is no model, if half of them are. Of fifteen questions that were made up for a handbook,
# those with an answer had 0.44 to 0.62, and those without one up to 0.38.
_NEAR: Final = 0.42
_NEARLY: Final = 0.3
_MOST_WORDS: Final = 0.65
_HALF_OF_WORDS: Final = 0.5
_MOST: Final = 3
# Of the best sentence's score, below which another only adds noise.
_SHARE_OF_BEST: Final = 0.75
# The number of a line, of a log or a list: behind another one the same is said.
_LINE_NUMBER: Final = re.compile(r"\d+[.:)]?\s+")


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """A sentence of a source. source: which, by its rank in the search. place: its number in the source."""

    source: int
    place: int
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence of an answer, and the number of its citation, from 1."""

    text: str
    n: int


@dataclass(frozen=True, slots=True)
class Answer:
    """parts: none when nothing answers. sources: of each citation, in the order of their numbers."""

    parts: Sequence[Part]
    sources: Sequence[int]


@dataclass(frozen=True, slots=True)
class Rated:
    """A sentence beside a question.

    words: the question's that it has, weighed, 0 to 1. cosine: of both vectors; None without a model.
    """

    sentence: Sentence
    words: float
    cosine: float | None

    @property
    def score(self) -> float:
        """0 to 1."""
        return self.words if self.cosine is None else 0.5 * self.words + 0.5 * max(self.cosine, 0.0)

    @property
    def answers(self) -> bool:
        """Whether it says something of what was asked. A question does not."""
        if self.sentence.text.endswith("?"):
            return False
        if self.cosine is None:
            return self.words >= _HALF_OF_WORDS
        return self.cosine >= _NEAR or (self.cosine >= _NEARLY and self.words >= _MOST_WORDS)


def extract(rated: Sequence[Rated]) -> Answer:
    """The answer: the best sentences of those that answer, in the order of their sources."""
    ranked = sorted((one for one in rated if one.answers), key=lambda one: (-one.score, one.sentence))
    chosen: list[Sentence] = []
    for one in ranked:
        said = {_said_by(other) for other in chosen}
        if one.score >= ranked[0].score * _SHARE_OF_BEST and _said_by(one.sentence) not in said and len(chosen) < _MOST:
            chosen.append(one.sentence)
    chosen.sort()
    sources = sorted({one.source for one in chosen})
    return Answer([Part(one.text, sources.index(one.source) + 1) for one in chosen], sources)


def _said_by(sentence: Sentence) -> str:
    number = _LINE_NUMBER.match(sentence.text)
    return sentence.text[number.end() :] if number else sentence.text
