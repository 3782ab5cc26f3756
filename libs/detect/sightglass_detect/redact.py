"""Text without what was found in it: typed tokens, masks, keyed hashes."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Final, final

from sightglass_detect.finding import Finding

_LEAST_KEY_BYTES: Final = 16
# Of a shorter value the last four would be half of it.
_LEAST_SHOWN: Final = 9
_MAKER: Final = object()
_SEPARATORS: Final = str.maketrans("", "", " -.\u00a0\u202f\u2009")


@final
class Redacted:
    """Text in which tokens such as `[US_SSN#1]` stand for what was found. Only `redact` and its `Redactor` make one.

    A function that takes this type cannot be given raw text by mistake. Parts of it are of this type too.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str, maker: object = None) -> None:
        if maker is not _MAKER:
            raise TypeError("only redact() makes Redacted")
        self._text = text

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Redacted({self._text!r})"

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Redacted) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Redacted, self._text))

    def __getitem__(self, part: slice) -> "Redacted":
        """A part of it. A token that is cut stays cut: nothing of the value comes back."""
        return Redacted(self._text[part], _MAKER)

    @staticmethod
    def joined(parts: Iterable["Redacted"]) -> "Redacted":
        """Parts that follow one another, each on a line of its own."""
        return Redacted("\n".join(map(Redacted.__str__, parts)), _MAKER)

    def __copy__(self) -> "Redacted":
        return self

    def __deepcopy__(self, memo: object) -> "Redacted":
        return self

    def __reduce__(self) -> str:
        raise TypeError("Redacted does not travel: send str(text), and redact again what comes from elsewhere")


class Redactor:
    """Redacts the texts of one document: the same value gets the same token in all of them.

    Numbers begin with 1 for each detector. Values that differ only in case, and numbers that differ only in their
    separators, are the same.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = {}

    def redact(self, text: str, findings: Iterable[Finding]) -> Redacted:
        """Put a token for each finding. Of findings that overlap, all that they cover together gets one token.

        findings: with offsets in characters, in any order. Raises ValueError for an offset that is not in the text.
        """
        parts: list[str] = []
        at = 0
        for start, end, detector in _places(findings, len(text)):
            parts += (text[at:start], self._token(detector, text[start:end]))
            at = end
        return Redacted("".join((*parts, text[at:])), _MAKER)

    def _token(self, detector: str, value: str) -> str:
        numbers = self._numbers.setdefault(detector, {})
        number = numbers.setdefault(identity(value), len(numbers) + 1)
        return f"[{detector.upper().replace('-', '_')}#{number}]"


def redact(text: str, findings: Iterable[Finding]) -> Redacted:
    """A text that is a document by itself, with a token for each finding: see Redactor."""
    return Redactor().redact(text, findings)


def masked(value: str, shown: int = 4) -> str:
    """A value with stars for letters and digits, so that its shape is left: `***-**-6789`.

    shown: how many of the last stay, for a person to tell values apart (`Detector.shown`); none of a value with less
    than nine.
    """
    signs = sum(sign.isalnum() for sign in value)
    hidden = signs - shown if signs >= _LEAST_SHOWN else signs
    out: list[str] = []
    for sign in value:
        hides = sign.isalnum() and hidden > 0
        hidden -= hides
        out.append("*" if hides else sign)
    return "".join(out)


def keyed_hash(value: str, key: bytes) -> str:
    """HMAC-SHA256 of a value's identity, in hex: equal values can be told without being known.

    key: a secret of at least 16 bytes, one a tenant; numbers of nine digits are soon guessed by who has it. Raises
    ValueError for a shorter one.
    """
    if len(key) < _LEAST_KEY_BYTES:
        message = f"a key has {_LEAST_KEY_BYTES} bytes at least"
        raise ValueError(message)
    return hmac.new(key, identity(value).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def identity(value: str) -> str:
    """What equal values have in common: case does not matter, nor do the separators of a number or code."""
    plain = value.translate(_SEPARATORS)
    return (plain if plain.isalnum() else value).casefold()


def _places(findings: Iterable[Finding], length: int) -> Iterator[tuple[int, int, str]]:
    """Start, end and detector of places that do not overlap: of each the detector of its first, longest finding."""
    start = end = 0
    detector = ""
    for finding in sorted(findings, key=lambda found: (found.start, -found.end, -found.confidence, found.detector)):
        if not 0 <= finding.start < finding.end <= length:
            message = f"{finding.detector} at {finding.start} to {finding.end} is not in a text of {length}"
            raise ValueError(message)
        if finding.start >= end:
            if detector:
                yield start, end, detector
            start, end, detector = finding.start, finding.end, finding.detector
        else:
            end = max(end, finding.end)
    if detector:
        yield start, end, detector
