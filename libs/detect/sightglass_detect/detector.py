"""What a detector is: the contents of one entry of a family file."""

from dataclasses import dataclass
from enum import StrEnum

from sightglass_detect.finding import Severity


class Strength(StrEnum):
    """How much the form of a value says by itself."""

    STRONG = "strong"  # enough
    FAIR = "fair"  # a check or context is needed for high confidence
    WEAK = "weak"  # nothing without context or a column of such values


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a value.

    pattern: regular expression over bytes, in the subset that Hyperscan and `re` both take. The value is its one
    capturing group, or the whole match.
    shape: what it was written as, for a value of digits and letters of fixed places: 9 digit, A upper, a lower.
    first: what the first digit of a value is that passes the check; None: any.
    check: name in `checks.CHECKS`, or None. odds: one random value in so many passes it; 1: no check.
    entropy: least Shannon entropy of the value in bits a byte.
    literal: bytes that stand in every match and are rare elsewhere; None: there are none.
    core: a part of fixed width that every match holds that passes the check, and that is rare in other text; lead: how
    many bytes of a match may stand before it at most. None: the pattern as a whole is looked for.
    bounded: no word goes on beside a match, nor a number by a point or a hyphen.
    """

    pattern: str
    strength: Strength
    shape: str | None = None
    first: str | None = None
    check: str | None = None
    odds: float = 1
    entropy: float = 0
    literal: str | None = None
    core: str | None = None
    lead: int = 0
    bounded: bool = True


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of value.

    context: whole words, lower case, that make it likely that a value nearby is of this kind. window: how far from the
    value they may stand, before it and behind it, in bytes.
    stop: lower-case words of placeholders, of which a value holds none.
    requires, within_bytes: pattern of a second part; standing so near, it is context. near: ids of detectors whose
    values are, within 200 bytes.
    hides: ids of detectors whose values are not told where one of this overlaps them.
    shown: how many of a value's last letters and digits a mask leaves.
    column: whether a column of checked values is evidence. on: whether it is looked for unless asked for.
    finds, ignores: examples, which are tests; in `finds` the value is marked by angle quotes unless it is all.
    """

    id: str
    title: str
    family: str
    severity: Severity
    forms: tuple[Form, ...]
    context: tuple[str, ...] = ()
    window: tuple[int, int] = (50, 30)
    stop: tuple[str, ...] = ()
    requires: str | None = None
    within_bytes: int = 0
    near: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    shown: int = 4
    column: bool = True
    on: bool = True
    finds: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
