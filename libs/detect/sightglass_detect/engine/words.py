"""Context: words near a value that say what it is."""

import re
from collections.abc import Iterable, Sequence
from functools import cache, cached_property, lru_cache
from itertools import groupby
from typing import Final

# A word stands between what are no letters, and behind what is no digit either (hashes hold any short word), or where
# camelCase goes on. Two bytes of UTF-8 are letters (Latin, Greek, Cyrillic).
_LEFT: Final = r"(?:(?<![0-9A-Za-z])(?<![\xc3-\xdf][\x80-\xbf])|(?<=[a-z])(?=[A-Z]))"
_RIGHT: Final = r"(?:(?![A-Za-z\xc3-\xdf]|[0-9]{3}|[0-9]{1,2}[A-Za-z])|(?<=[a-z])(?=[A-Z])|(?=[A-Z][a-z]))"
_JOINT: Final = r"[ \t\r\n_.-]{0,3}"
# Scripts that put no space between words: there a word is one wherever it stands.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Words that reach so far over what is near are seen, and refused.
_LONGER: Final = 4
# What may stand in a random token by chance.
_SHORT: Final = 4
# Between two cells of a table: no word is context across it.
BARRIER: Final = b"\x1e"
# A label of something else: `, order_id:` between the word and the value.
_OTHER_LABEL: Final = re.compile(rb"[,;&|{}\[\]\t\n][^,;&|{}\[\]\t\n]{0,48}?[A-Za-z_\x80-\xff]['\"]?[ \t]*[:=]")
_LABELS_NEXT: Final = re.compile(rb"['\"\]]?[ \t]*[:=]")


class Words:
    """Words of one detector, to be looked for in bytes."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words
        # Of each word a part that is in the text whatever the case and the joints: what is quick comes first.
        self._parts = tuple(sorted({_plain_part(word) for word in words}))
        # One expression says whether there is any; for each by itself it would take fifty times as long.
        expressions = sorted({_expression_of_part(word) for word in words})
        self._any_part = re.compile("|".join(expressions).encode("latin-1"))
        # How far behind the beginning of a word its part begins, at most.
        self._lead = max(_lead(word) for word in words)

    def named_in(self, label: bytes) -> bool:
        """Whether a label (a column's header, a key, a path) holds one of the words."""
        return self._regex.search(label) is not None

    @cached_property
    def _regex(self) -> re.Pattern[bytes]:
        return _regex_of_any(self._words)

    def near(self, data: bytes, start: int, end: int, window: tuple[int, int]) -> bool:
        """Whether one of the words stands near the value, as its label and not that of another value.

        window: how far from it the word may begin before it, and end behind it, in bytes.
        """
        return self._before(data, start, window[0]) or self._after(data, end, window[1])

    def _before(self, data: bytes, start: int, within: int) -> bool:
        first = max(0, start - within, data.rfind(BARRIER, max(0, start - within), start) + 1)
        words = [word for word in self._written(data, first, start) if _is_written(word[0])]
        return bool(words) and _OTHER_LABEL.search(data, words[-1].end(), start) is None

    def _after(self, data: bytes, end: int, within: int) -> bool:
        beside = data[end : end + within].partition(BARRIER)[0]
        words = (word for word in self._written(data, end, end + within + _LONGER) if _is_written(word[0]))
        word = next(words, None)
        if word is None or word.end() > end + len(beside) or _LABELS_NEXT.match(data, word.end()):
            return False
        return b"\n" not in data[end : word.start()]

    def _written(self, data: bytes, first: int, last: int) -> Iterable[re.Match[bytes]]:
        """The words in some bytes. It is looked for those whose part is there, from where the first may begin."""
        small = data[first:last].lower()
        one = self._any_part.search(small)
        if one is None:
            return ()
        parts = tuple([part for part in self._parts if part in small])
        return _regex_of(self, parts).finditer(data, first + max(one.start() - self._lead, 0), last)

    def of_parts(self, parts: tuple[bytes, ...]) -> re.Pattern[bytes]:
        """The expression of those words whose plain part is one of `parts`."""
        return _regex_of_any([word for word in self._words if _plain_part(word) in parts])


@cache
def words_of(words: tuple[str, ...]) -> Words | None:
    """The words of a detector; None when it has none."""
    return Words(words) if words else None


@lru_cache(maxsize=4096)
def _regex_of(words: Words, parts: tuple[bytes, ...]) -> re.Pattern[bytes]:
    return words.of_parts(parts)


def _regex_of_any(words: Sequence[str]) -> re.Pattern[bytes]:
    return re.compile(_expression_of_any(words).encode("latin-1"))


def _expression_of_any(words: Sequence[str]) -> str:
    """A regular expression over UTF-8 (each byte one character) for words, or several in a row, in any case.

    What stands beside words is asked once for all in a row of which it is asked, not of each.
    """
    each = groupby(words, key=_sides)
    return "|".join(f"{left}(?:{'|'.join(_letters(word) for word in some)}){right}" for (left, right), some in each)


def _sides(word: str) -> tuple[str, str]:
    return "" if _UNSPACED.match(word[0]) else _LEFT, "" if _UNSPACED.match(word[-1]) else _RIGHT


def loose_expressions(word: str) -> list[str]:
    """The same without looking around: one of them ends where a match of `expression` does, and in a few other places.

    They take one byte before the word. Each says of its first letter one thing, and nothing of what stands behind the
    last: so Hyperscan finds them quicker than as one, which goes on to the end of the word.
    """
    first, rest = word[0], _letters(word[1:])
    if _UNSPACED.match(first) or not first.isascii() or not first.isalpha():
        written = [f"(?s:.){_letter(first)}{rest}"]
    else:
        written = [f"[^0-9A-Za-z]{_letter(first)}{rest}", f"[a-z]{first.upper()}{rest}"]
    return [re.sub(r"[\x80-\xff]", lambda byte: f"\\x{ord(byte[0]):02x}", each) for each in written]


def _is_written(word: bytes) -> bool:
    """Whether a short word is written as words are: `CVV`, `cvv` or `Cvv`. In tokens there is any other."""
    return len(word) > _SHORT or word in {word.lower(), word.upper(), word.capitalize()}


def _plain_part(word: str) -> bytes:
    """The longest run of ASCII in a word; empty when there is none, and then it is in every text."""
    return max(re.findall(r"[\x21-\x2c\x2f-\x5e\x60-\x7f]+", word), key=len, default="").encode()


def _expression_of_part(word: str) -> str:
    """What finds the plain part of a word in small letters, or, where it has none, its longest run in any case."""
    part = _plain_part(word).decode()
    return re.escape(part) if part else _letters(_longest_run(word))


def _longest_run(word: str) -> str:
    return max(re.split(r"[ _.-]+", word), key=len)


def _lead(word: str) -> int:
    """How many bytes of a word may stand before its part: three for each joint."""
    before = word[: word.index(_plain_part(word).decode() or _longest_run(word))]
    joints = re.findall(r"[ _.-]+", before)
    return max(len(before.encode()), len(before.upper().encode())) + 2 * len(joints)


def _letters(word: str) -> str:
    return _JOINT.join("".join(_letter(c) for c in part) for part in re.split(r"[ _.-]+", word))


def _letter(c: str) -> str:
    if c.isascii():
        return f"[{c.lower()}{c.upper()}]" if c.isalpha() else re.escape(c)
    small, capital = (form.encode().decode("latin-1") for form in (c.lower(), c.upper()))
    return f"(?:{small}|{capital})" if small != capital else small
