"""Confidence: one table, from three facts. 0.8 and above is called high."""

from collections.abc import Mapping
from typing import Final

from sightglass_detect.detector import Strength

HIGH: Final = 0.8
# What no more is than probable: a value that was read as a machine may have misread it.
PROBABLE: Final = 0.65

# A check that one random value in 100 passes, or fewer, is a strong one.
STRONG_ODDS: Final = 100

# (strength, check passed, context) -> confidence; None: no finding.
_TABLE: Final[Mapping[tuple[Strength, str, bool], float | None]] = {
    (Strength.STRONG, "none", False): 0.90,
    (Strength.STRONG, "none", True): 0.95,
    (Strength.STRONG, "weak", False): 0.95,
    (Strength.STRONG, "weak", True): 0.98,
    (Strength.STRONG, "strong", False): 0.99,
    (Strength.STRONG, "strong", True): 0.99,
    (Strength.FAIR, "none", False): 0.60,
    (Strength.FAIR, "none", True): 0.85,
    (Strength.FAIR, "weak", False): 0.70,
    (Strength.FAIR, "weak", True): 0.92,
    (Strength.FAIR, "strong", False): 0.85,
    (Strength.FAIR, "strong", True): 0.97,
    (Strength.WEAK, "none", False): None,
    (Strength.WEAK, "none", True): 0.65,
    (Strength.WEAK, "weak", False): None,
    (Strength.WEAK, "weak", True): 0.85,
    (Strength.WEAK, "strong", False): None,
    (Strength.WEAK, "strong", True): 0.92,
}


def confidence(strength: Strength, odds: float, *, context: bool) -> float | None:
    """How likely a value is what it looks like, 0 to 1; None: not to be told.

    odds: one random value in so many passes the check that was passed; 1: there was none.
    """
    checked = "none" if odds <= 1 else "weak" if odds < STRONG_ODDS else "strong"
    return _TABLE[strength, checked, context]
