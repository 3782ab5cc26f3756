"""A line of text as an engine reads it, and when two readings are of the same line."""

from typing import Final, NamedTuple
from unicodedata import normalize

from sightglass_worker.domain.box import Box

# Signs that engines take for each other, and the one that stands for them.
_LOOKS_LIKE: Final = str.maketrans(
    {
        "o": "0",
        **dict.fromkeys("il|!", "1"),
        "z": "2",
        **dict.fromkeys("s$", "5"),
        "b": "8",
        **dict.fromkeys("`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}", "'"),
        **dict.fromkeys("\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}", '"'),
        **dict.fromkeys("\N{HYPHEN}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}", "-"),
    }
)
# A cursor at the end of what is being typed may be read as a letter; of what is shorter than this it
# would leave too little to know it by.
_STEM: Final = 3


class Line(NamedTuple):
    """One line as read. confidence: 0 to 1."""

    text: str
    confidence: float
    box: Box


def folded(text: str) -> str:
    """A text without spaces, and without what an engine cannot tell apart: case, O and 0, l and 1, and so on."""
    return "".join(normalize("NFKC", text).casefold().split()).translate(_LOOKS_LIKE)


def is_longer(longer: str, shorter: str) -> bool:
    """Whether a folded text goes on from another, such as when it is being typed."""
    if len(longer) <= len(shorter):
        return False
    return longer.startswith(shorter if len(shorter) <= _STEM else shorter[:-1])
