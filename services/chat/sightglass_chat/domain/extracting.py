"""Answers made of sentences that stand in the sources, word for word: the best few, each with its citation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Below it, a sentence says nothing of what was asked.
FLOOR: Final = 0.35
_MOST: Final = 3
# Of the best sentence's score, below which another only adds noise.
_SHARE_OF_BEST: Final = 0.75


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a source. source: which, by its rank in the search. place: its number in the source."""

    text: str
    source: int
    place: int


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


def score(words: float, cosine: float | None) -> float:
    """Of a sentence, 0 to 1. words: the question's that it has, weighed, 0 to 1. cosine: to the question's vector."""
    return words if cosine is None else 0.5 * words + 0.5 * max(cosine, 0.0)


def extract(sentences: Sequence[Sentence], scores: Sequence[float]) -> Answer:
    """The answer: the best sentences, in the order of their sources. A question is no answer."""
    ranked = sorted(zip(scores, sentences, strict=True), key=lambda one: (-one[0], one[1].source, one[1].place))
    chosen: list[Sentence] = []
    for value, sentence in ranked:
        best_enough = value >= max(FLOOR, ranked[0][0] * _SHARE_OF_BEST)
        said = {one.text for one in chosen}
        if best_enough and sentence.text not in said and not sentence.text.endswith("?") and len(chosen) < _MOST:
            chosen.append(sentence)
    chosen.sort(key=lambda one: (one.source, one.place))
    sources = sorted({one.source for one in chosen})
    return Answer([Part(one.text, sources.index(one.source) + 1) for one in chosen], sources)
