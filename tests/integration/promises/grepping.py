"""Looks for values in anything that was written: as they stand, and in whatever form a person could read them back.

Written anew on purpose: none of the engine's own ways of seeing through forms is used, so that a fault of these shows.
"""

import base64
import binascii
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

# Ids that we make ourselves, and times: what looks like a number in them is none.
_OURS: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|20[2-9][0-9]-[01][0-9]-[0-3][0-9][T ][0-9:.]{8,15}(?:Z|[+-][0-9:]{2,5})?"
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{10,}={0,2}")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){6,}")
_RUN: Final = re.compile(r"(?<![0-9a-z])[0-9a-z]{1,8}(?:[ .\-/\u00a0\u2009\u202f_]{1,2}[0-9a-z]{1,8})*(?![0-9a-z])")
_SEPARATORS: Final = re.compile(r"[^0-9a-z]")
_HEAD: Final = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """A value that was found. where: what it stood in. form: `raw`, or how it was read."""

    value: str
    where: str
    form: str
    around: str


class Grep:
    """Looks for some values."""

    def __init__(self, values: Iterable[str]) -> None:
        self._texts = _by_head({_plain(value): value for value in values})
        # Only of digits mostly: a name without its separators is another word.
        self._runs = {
            signs: value
            for value in values
            if sum(map(str.isdigit, signs := _SEPARATORS.sub("", _plain(value)))) >= max(8, len(signs) // 2)
        }

    def hits(self, where: str, text: str) -> Iterator[Hit]:
        """Where values stand in a text. where: what to call it."""
        text = _OURS.sub(" ", text)
        for form, read in _readings(text):
            plain = _plain(read)
            for value, at in set(self._in(plain)):
                yield Hit(value, where, form, plain[max(0, at - 60) : at + 60])

    def _in(self, plain: str) -> Iterator[tuple[str, int]]:
        for head, values in self._texts.items():
            first = plain.find(head)
            for needle, value in values.items() if first >= 0 else ():
                if (at := plain.find(needle, first)) >= 0:
                    yield value, at
        for run in _RUN.finditer(plain):
            value = self._runs.get(_SEPARATORS.sub("", run[0]))
            if value is not None:
                yield value, run.start()


def _by_head(values: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    """By their first characters, which many share: each is looked for once."""
    heads: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for needle, value in values.items():
        heads[needle[:_HEAD]][needle] = value
    return heads


def _plain(text: str) -> str:
    """NFKC, without what is not seen, digits of all scripts as ours, case folded, JSON's escapes undone."""
    text = "".join(sign for sign in text if unicodedata.category(sign) not in {"Cf", "Mn"})
    text = unicodedata.normalize("NFKC", text)
    text = "".join(str(unicodedata.digit(sign)) if not sign.isascii() and sign.isdigit() else sign for sign in text)
    return text.replace('\\"', '"').replace("\\/", "/").replace("\\\\", "\\").casefold()


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """A text as it stands, and each thing that it may say in another encoding."""
    yield "raw", text
    if "%" in text:
        yield "url", unquote_plus(text, errors="replace")
    yield "base64", "\n".join(_decoded(_BASE64, text, _of_base64))
    yield "hex", "\n".join(_decoded(_HEX, text, _of_hex))


def _decoded(pattern: re.Pattern[str], text: str, decode: Callable[[str], bytes | None]) -> Iterator[str]:
    for match in pattern.finditer(text):
        data = decode(match[0])
        if data is not None and sum(32 <= byte < 127 for byte in data) >= 0.9 * len(data):
            yield data.decode("utf-8", "replace")


def _of_base64(text: str) -> bytes | None:
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        return None


def _of_hex(text: str) -> bytes:
    return bytes.fromhex(text)
