"""How sensitive what lies below a prefix is, from 0 to 100: pure. docs/scans.md explains it to people."""

import math
from dataclasses import dataclass
from typing import Final

# What one value of a severity, found beyond doubt, makes a prefix at least.
BASE: Final = {"low": 10, "medium": 30, "high": 60, "critical": 80}
# How much one distinct value counts for the amount.
WEIGHT: Final = {"low": 1, "medium": 3, "high": 10, "critical": 30}
# So much is as bad as any more.
_MOST: Final = 100_000
_THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True)
class Measured:
    """What a score is made of.

    worst: by severity, the highest confidence in thousandths. amount: by severity, the sum over its distinct values of
    the highest confidence of each, in thousandths. objects: how many are to be read; None where that is not counted.
    """

    worst: dict[str, int]
    amount: dict[str, int]
    objects: int | None
    objects_with_findings: int


def score(measured: Measured) -> int:
    """0 without findings, else 1 to 100; never less for one finding more.

    The base, of the worst finding, is BASE x confidence. Of what is left to 100, the amount of values gives its part,
    log10(1 + values weighted by severity) / 5, and the share of objects with findings its square root: half each, or
    the amount alone where objects are not counted. Sums are of integers, so that their order changes nothing.
    """
    if not measured.worst:
        return 0
    base = max(BASE[severity] * confidence for severity, confidence in measured.worst.items()) / _THOUSAND
    values = sum(WEIGHT[severity] * amount for severity, amount in measured.amount.items()) / _THOUSAND
    part = min(1.0, math.log10(1 + values) / math.log10(_MOST))
    if measured.objects:
        part = (part + math.sqrt(min(1.0, measured.objects_with_findings / measured.objects))) / 2
    return max(1, math.floor(base + (100 - base) * part + 0.5))
