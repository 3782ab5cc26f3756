"""What was found, and where."""

from dataclasses import dataclass, field
from enum import IntEnum


class Severity(IntEnum):
    """How bad it is when such a value lies open. Ordered."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One value at one place. Findings sort by place.

    start, end: the value alone, without quotes around it; offsets into what was given: bytes, or characters of a str.
    detector: its id. confidence: 0 to 1, from the table in engine/confidence.py.
    checked: a checksum or the structure of the value was verified. context: a word nearby, a label or a column names
    the kind of value.
    detail: what was decoded of it, for people: `account 123456789012` of an AWS key id; empty for most.
    """

    start: int
    end: int
    detector: str
    confidence: float
    severity: Severity
    checked: bool = False
    context: bool = False
    detail: str = field(default="", compare=False)
