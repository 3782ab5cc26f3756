"""How good an order of documents is: by the formulas, and as one expects of any such measure."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_api.evaluation.measures import Judged, measured, ndcg, recall

REFS = st.text("abcdefghijkl", min_size=1, max_size=1)
GRADES = st.dictionaries(REFS, st.integers(0, 4), min_size=1).filter(lambda grades: any(grades.values()))


def test_a_grade_counts_less_the_later_it_comes() -> None:
    grades = {"a": 3, "b": 1, "c": 0}
    best = 3 / math.log2(2) + 1 / math.log2(3)
    assert ndcg(["a", "b"], grades) == 1.0
    assert ndcg(["x", "b", "a"], grades) == pytest.approx((1 / math.log2(3) + 3 / math.log2(4)) / best)
    assert ndcg([None] * 10 + ["a"], grades) == 0.0  # the eleventh


def test_recall_is_of_what_has_a_grade_above_none() -> None:
    assert recall(["c", "a", None], {"a": 3, "b": 1, "c": 0}) == 0.5


@given(st.lists(REFS, unique=True), GRADES)
def test_nothing_is_better_than_the_grades_order(found: list[str], grades: dict[str, int]) -> None:
    assert 0 <= ndcg(found, grades) <= 1 + 1e-9
    ideal = sorted(grades, key=lambda ref: -grades[ref])
    assert ndcg(ideal, grades) == pytest.approx(1)
    assert recall(ideal, grades) == pytest.approx(min(1, 10 / sum(grade > 0 for grade in grades.values())))


def test_means_are_over_questions_and_latencies_are_ones_that_were() -> None:
    answers = [Judged(["a"], float(ms)) for ms in range(100, 0, -1)]
    means = measured(answers, [{"a": 1}] * 50 + [{"b": 1}] * 50)
    assert (means.ndcg, means.recall, means.p50_ms, means.p95_ms) == (0.5, 0.5, 50.0, 95.0)
