"""How good an order of documents is, by grades of relevance. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

CUT: Final = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """One question's answer. found: the caller's ids of documents, the best first. took_ms: the search alone."""

    found: Sequence[str | None]
    took_ms: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The means of some questions; latency of the search alone."""

    ndcg: float
    recall: float
    p50_ms: float
    p95_ms: float


def ndcg(found: Sequence[str | None], grades: Mapping[str, int]) -> float:
    """nDCG@10, 0 to 1: a grade's gain is the grade, discounted by log2(rank + 1) (Jarvelin and Kekalainen 2002).

    As trec_eval reckons `ndcg_cut_10`. grades: at least one above 0.
    """
    ideal = sorted(grades.values(), reverse=True)[:CUT]
    return _gain([grades.get(ref or "", 0) for ref in found[:CUT]]) / _gain(ideal)


def recall(found: Sequence[str | None], grades: Mapping[str, int]) -> float:
    """Of the documents with a grade above 0, the share among the first ten."""
    relevant = {ref for ref, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ref for ref in found[:CUT] if ref is not None)) / len(relevant)


def measured(answers: Sequence[Judged], grades: Sequence[Mapping[str, int]]) -> Measured:
    """The means over questions. answers, grades: one of each for a question, at least one."""
    pairs = [(answer.found, of) for answer, of in zip(answers, grades, strict=True)]
    times = sorted(answer.took_ms for answer in answers)
    return Measured(
        ndcg=fmean(ndcg(found, of) for found, of in pairs),
        recall=fmean(recall(found, of) for found, of in pairs),
        p50_ms=_percentile(times, 0.5),
        p95_ms=_percentile(times, 0.95),
    )


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _percentile(times: Sequence[float], share: float) -> float:
    """The least of the times that so many are not above. times: in order."""
    return times[max(math.ceil(share * len(times)) - 1, 0)]
