"""The order of segments: BM25 of packed postings, signs of vectors, and the fusion of both. Pure; arrays of numpy.

A segment is a key: its dataset's place among those searched, then its number in the dataset.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Keys: TypeAlias = NDArray[np.int64]
Scores: TypeAlias = NDArray[np.float64]

# An entry of a posting, from its highest bit: the segment's number, how often the word is there, how many words it has.
_NUMBER_BITS: Final = 43
_COUNT_BITS: Final = 10
_MOST: Final = (1 << _COUNT_BITS) - 1
ENTRY_BYTES: Final = 8
# Sums of so many neighbouring numbers are held at once: 16 MB.
_DENSE: Final = 1 << 20
_SIGNS: Final = np.dtype([("number", ">i8"), ("signs", np.uint8, (48,))])
# Robertson and Zaragoza 2009; the values that Lucene has.
_K1: Final = 1.2
_B: Final = 0.75


class Posting(NamedTuple):
    """Where a word is. dataset: its place among those searched. entries: packed, of one block."""

    dataset: int
    word: int
    entries: bytes


@dataclass(frozen=True, slots=True)
class Ranked:
    """Segments with their scores, in any order; each once."""

    keys: Keys
    scores: Scores

    def best(self, count: int) -> "Ranked":
        """The first `count`, the best first, ties by key."""
        keys, scores = self.keys, self.scores
        if len(keys) > count:
            held = scores >= np.partition(scores, len(scores) - count)[len(scores) - count]
            keys, scores = keys[held], scores[held]
        order = np.lexsort((keys, -scores))[:count]
        return Ranked(keys[order], scores[order])


class Fused(NamedTuple):
    """A segment with its scores; those of a side that it is not among the best of are None."""

    key: int
    score: float
    words: float | None
    vectors: float | None


def keys_of(dataset: int, numbers: Keys) -> Keys:
    """Keys of a dataset's segments."""
    return (dataset << _NUMBER_BITS) + numbers


def key_of(dataset: int, number: int) -> int:
    """The key of one."""
    return (dataset << _NUMBER_BITS) + number


def place_of(key: int) -> tuple[int, int]:
    """A key's dataset and number."""
    return key >> _NUMBER_BITS, key & ((1 << _NUMBER_BITS) - 1)


def numbers_of(packed: bytes) -> Keys:
    """Numbers of eight bytes each, as Postgres' int8send gives them."""
    return np.frombuffer(packed, ">i8").astype(np.int64)


def without(entries: bytes, numbers: Sequence[int]) -> bytes:
    """A posting's entries but those of some segments."""
    held = ~np.isin(numbers_of(entries) >> 2 * _COUNT_BITS, numbers)
    return np.frombuffer(entries, ">i8")[held].tobytes()


def signs_without(entries: bytes, numbers: Sequence[int]) -> bytes:
    """A block of signs but those of some segments."""
    packed = np.frombuffer(entries, _SIGNS)
    return packed[~np.isin(packed["number"], numbers)].tobytes()


def bm25(postings: Sequence[Posting], *, segments: int, mean_words: float, among: Keys | None = None) -> Ranked:
    """What the words of a question make of the segments that have any of them.

    segments, mean_words: of the datasets searched, all of them. among: only these, None: all.
    """
    packed = numbers_of(b"".join(posting.entries for posting in postings))
    lengths = np.array([len(posting.entries) // ENTRY_BYTES for posting in postings], np.int64)
    _, word = np.unique(np.array([posting.word for posting in postings], np.int64), return_inverse=True)
    frequencies = np.bincount(word, lengths)
    top = np.log1p(np.maximum(segments - frequencies + 0.5, 0) / (frequencies + 0.5)) * (_K1 + 1)
    times, words = (packed >> _COUNT_BITS) & _MOST, packed & _MOST
    parts = np.repeat(top[word], lengths) * times / (times + (_K1 * (1 - _B)) + words * (_K1 * _B / mean_words))
    keys = np.repeat(np.array([posting.dataset for posting in postings], np.int64) << _NUMBER_BITS, lengths)
    keys += packed >> 2 * _COUNT_BITS
    if among is not None:
        held = np.isin(keys, among)
        keys, parts = keys[held], parts[held]
    return _summed(keys, parts)


def alike(blocks: Sequence[tuple[int, bytes]], vector: Sequence[float], *, among: Keys | None = None) -> Ranked:
    """Minus the count of numbers of which a segment's vector has another sign than this one.

    blocks: each a dataset's place and packed signs. among: only these, None: all.
    """
    packed = np.frombuffer(b"".join(entries for _, entries in blocks), _SIGNS)
    places = np.repeat(
        np.array([dataset for dataset, _ in blocks], np.int64),
        np.array([len(entries) // _SIGNS.itemsize for _, entries in blocks], np.int64),
    )
    keys = (places << _NUMBER_BITS) + packed["number"].astype(np.int64)
    asked = np.packbits(np.asarray(vector) > 0).view(np.uint64)
    bits = np.ascontiguousarray(packed["signs"]).view(np.uint64)
    if among is not None:
        held = np.isin(keys, among)
        keys, bits = keys[held], bits[held]
    return Ranked(keys, -np.bitwise_count(bits ^ asked).sum(axis=1, dtype=np.int64).astype(np.float64))


def fused(words: Ranked, vectors: Ranked, *, vectors_weight: float) -> list[Fused]:
    """Both sides' segments, the best first, ties by key. Each side is brought to 0 to 1 and weighed."""
    scores: dict[int, float] = dict.fromkeys([*words.keys.tolist(), *vectors.keys.tolist()], 0.0)
    for side, weight in ((words, 1 - vectors_weight), (vectors, vectors_weight)):
        for key, scaled in zip(side.keys.tolist(), _scaled(side.scores).tolist(), strict=True):
            scores[key] += weight * scaled
    by_words, by_vectors = (
        dict(zip(side.keys.tolist(), side.scores.tolist(), strict=True)) for side in (words, vectors)
    )
    order = sorted(scores, key=lambda key: (-scores[key], key))
    return [Fused(key, scores[key], by_words.get(key), by_vectors.get(key)) for key in order]


def _summed(keys: Keys, parts: Scores) -> Ranked:
    """The sum of each key's parts, added in their order."""
    if len(keys) and (low := keys.min()) + _DENSE > keys.max():  # numbers of one dataset: no need to sort them
        places = keys - low
        held = np.flatnonzero(np.bincount(places))
        return Ranked(held + low, np.asarray(np.bincount(places, parts)[held], np.float64))
    found, place = np.unique(keys, return_inverse=True)
    return Ranked(found, np.asarray(np.bincount(place, parts, len(found)), np.float64))


def _scaled(scores: Scores) -> Scores:
    """From 0, the least, to 1; all 1 where they are alike."""
    spread = np.ptp(scores) if len(scores) else 0.0
    return (scores - scores.min()) / spread if spread else np.ones_like(scores)
