"""Documents as the scanner makes them of bytes, for tests."""

from collections.abc import Sequence

from sightglass_detect import Settings
from sightglass_scanner.documents.drafting import gathered
from sightglass_scanner.documents.whole import Passage, Whole
from sightglass_scanner.readers.source import BytesSource

DETECTION = Settings(normalise=True)
MOST_CHARS = 1_000_000


def whole(data: bytes, name: str = "notes.txt", *, most_chars: int = MOST_CHARS) -> Whole:
    """An object as one document, looked through. Raises Unfit."""
    document = Whole(name, DETECTION, most_chars)
    for _ in gathered(BytesSource(data), name, "", document):
        pass
    document.finish()
    return document


def passages(data: bytes, name: str = "notes.txt") -> Sequence[Passage]:
    """What an object says, redacted."""
    return list(whole(data, name).passages())


def said(data: bytes, name: str = "notes.txt") -> str:
    """The same as one text."""
    return "\n".join(str(passage.text) for passage in passages(data, name))
