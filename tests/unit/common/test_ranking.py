"""The order of segments: scores are those of the formulas, written anew, whatever way they are reckoned."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_common import ranking
from sightglass_common.ranking import Posting, Ranked

# Numbers of a dataset's segments: near each other, or far, as after many deletions.
NUMBERS = st.one_of(st.integers(0, 50), st.integers(0, 2**43 - 1))
BAGS = st.lists(st.dictionaries(st.integers(0, 5), st.integers(1, 9), min_size=1), min_size=1, max_size=8)


def packed(number: int, times: int, words: int) -> bytes:
    return (number << 20 | times << 10 | words).to_bytes(8, "big")


def ranked(**scores: float) -> Ranked:
    return Ranked(np.array([int(key[1:]) for key in scores], np.int64), np.array(list(scores.values())))


@given(st.lists(NUMBERS, min_size=1, max_size=8, unique=True), BAGS, st.booleans())
def test_words_are_weighed_by_bm25(numbers: list[int], bags: list[dict[int, int]], apart: bool) -> None:
    bags = [bags[place % len(bags)] for place in range(len(numbers))]
    keys = [(place % 2 if apart else 0, number) for place, number in enumerate(numbers)]
    mean = sum(sum(bag.values()) for bag in bags) / len(bags)
    frequency = Counter(word for bag in bags for word in bag)
    expected: defaultdict[int, float] = defaultdict(float)
    postings: list[Posting] = []
    for (dataset, number), bag in zip(keys, bags, strict=True):
        length = sum(bag.values())
        for word, times in bag.items():
            postings.append(Posting(dataset, word, packed(number, times, length)))
            idf = math.log(1 + (len(bags) - frequency[word] + 0.5) / (frequency[word] + 0.5))
            weight = idf * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length / mean))
            expected[(dataset << 43) + number] += weight
    found = ranking.bm25(postings, segments=len(bags), mean_words=mean)
    assert dict(zip(found.keys.tolist(), found.scores.tolist(), strict=True)) == pytest.approx(expected)
    some = np.array(sorted(expected)[::2], np.int64)
    among = ranking.bm25(postings, segments=len(bags), mean_words=mean, among=some)
    assert dict(zip(among.keys.tolist(), among.scores.tolist(), strict=True)) == pytest.approx(
        {key: expected[key] for key in some.tolist()}
    )


@given(st.lists(st.integers(0, 4), max_size=30), st.integers(1, 10))
def test_the_best_are_the_first_of_all_in_order(scores: list[int], count: int) -> None:
    keys = list(range(len(scores), 0, -1))
    best = Ranked(np.array(keys, np.int64), np.array(scores, np.float64)).best(count)
    assert best.keys.tolist() == sorted(keys, key=lambda key: (-scores[len(scores) - key], key))[:count]


def test_both_sides_are_brought_to_one_scale_and_weighed() -> None:
    found = ranking.fused(ranked(k1=2.0, k2=6.0, k3=4.0), ranked(k2=0.1, k9=0.9), vectors_weight=0.25)
    assert [(one.key, one.score) for one in found] == [(2, 0.75), (3, 0.375), (9, 0.25), (1, 0.0)]
    assert (found[0].words, found[0].vectors, found[2].words) == (6.0, 0.1, None)


def test_what_is_alone_on_its_side_is_its_best() -> None:
    (one,) = ranking.fused(ranked(k1=3.0), ranked(), vectors_weight=0.0)
    assert (one.score, one.words, one.vectors) == (1.0, 3.0, None)
    assert ranking.fused(ranked(), ranked(), vectors_weight=0.35) == []


def test_of_two_that_are_alike_the_one_that_came_first_is_first() -> None:
    found = ranking.fused(ranked(k7=1.0, k5=1.0), ranked(), vectors_weight=0.0)
    assert [one.key for one in found] == [5, 7]


def test_those_are_alike_whose_vectors_point_the_same_way() -> None:
    chance = np.random.default_rng(3)
    vectors = chance.normal(size=(40, 384))
    block = b"".join(n.to_bytes(8, "big") + np.packbits(one > 0).tobytes() for n, one in enumerate(vectors))
    asked = vectors[17] + chance.normal(size=384) * 0.1
    differing = [int(((one > 0) != (asked > 0)).sum()) for one in vectors]
    found = ranking.alike([(2, block)], asked.tolist())
    assert (-found.scores).tolist() == differing
    assert ranking.place_of(int(found.best(1).keys[0])) == (2, 17)
    some = ranking.keys_of(2, np.array([3, 9], np.int64))
    assert ranking.alike([(2, block)], asked.tolist(), among=some).keys.tolist() == some.tolist()


@given(st.lists(st.integers(0, 2**43 - 1), unique=True, max_size=9), st.data())
def test_nothing_is_left_of_a_segment_in_a_block(numbers: list[int], data: st.DataObject) -> None:
    gone = data.draw(st.lists(st.sampled_from(numbers), unique=True)) if numbers else []
    kept = [number for number in numbers if number not in gone]
    entries = b"".join(packed(number, 1, 1023) for number in numbers)
    assert ranking.without(entries, gone) == b"".join(packed(number, 1, 1023) for number in kept)
    signs = b"".join(number.to_bytes(8, "big") + bytes(48) for number in numbers)
    assert ranking.signs_without(signs, gone) == b"".join(number.to_bytes(8, "big") + bytes(48) for number in kept)
