"""Keys above values, in JSON, YAML, TOML and INI: what a key holds is named by it, however far away it stands."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sightglass_detect.engine.words import BARRIER
from sightglass_detect.views import Part, View

# What a key is told of is small: it names no more than a page of what stands under it.
_MOST_BYTES: Final = 4096
_KEY_BYTES: Final = 80
_COLON: Final = ord(":")
_QUOTE: Final = ord('"')
_BRACKETS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]]')
# A key, which has no group, or a value.
_SCALAR: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"\s*:|"((?:[^"\\]|\\.)*+)"|([0-9][0-9.]*+)')
# `key:` with nothing behind it, in YAML; `[section]` in TOML and INI.
_BLOCK: Final = re.compile(
    rb"^([ ]{0,40})(?:- )?[\"']?([A-Za-z_][^\s:\"'#{}\[\]][^:\"'#{}\[\]\r\n]{0,62})[\"']?:[ \t]*\r?$", re.M
)
_SECTION: Final = re.compile(rb"^\[{1,2}([^\]\r\n]{1,64})\]{1,2}[ \t]*\r?$", re.MULTILINE)
_NEXT_SECTION: Final = re.compile(rb"^\[", re.MULTILINE)
_VALUE: Final = re.compile(
    rb"^[ \t]*+(?:- )?(?:[\w.\"'-]{1,64}[ \t]*+[:=])?[ \t]*+(?:- )?[\"']?"
    rb"([^\s\"'#](?:[^\"'\r\n]*[^\s\"'])?)[\"']?[ \t]*\r?$",
    re.M,
)

# What begins so is YAML, TOML or INI: a key, a section, the mark of a document, comments before them. No space may be
# taken in two ways: with comments further in, each would double what there is to be tried.
_WRITTEN: Final = re.compile(
    rb"(?:[ \t]*+(?:#[^\n]*+)?\r?\n)*+[ \t]*+(?:---|[\w.-]{1,64}:(?:\s|$)|- [\w.-]{1,64}:\s|\[[\w.\" -]{1,64}\]\s*\n)"
)
_WRITTEN_BYTES: Final = 4096
# Keys in keys in keys all hold the same text: what is looked at of it, in all, has a bound.
_MOST_TIMES: Final = 4
_TOKEN: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\x00-\x7f]+")
_MOST_WORDS: Final = 4
_MOST_KNOWN: Final = 10_000


class Keys:
    """Which keys name a value: those in which words of context stand."""

    def __init__(self, words: Iterable[str]) -> None:
        self._phrases = frozenset(" ".join(_TOKEN.findall(word)).lower() for word in words)
        self._known: dict[bytes, bool] = {}

    def name(self, key: bytes) -> bool:
        """Whether a key may be one; the engine decides what it names."""
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = self._may_name(key)
        return known

    def _may_name(self, key: bytes) -> bool:
        words = [word.lower() for word in _TOKEN.findall(key.decode("utf-8", "replace"))]
        places = range(len(words))
        return any(" ".join(words[i : i + n]) in self._phrases for n in range(1, _MOST_WORDS + 1) for i in places)


def nested(data: bytes, keys: Keys) -> Iterator[View]:
    """What stands under keys that name something: the first of it, four times as much as there is in all."""
    left = _MOST_TIMES * len(data) + _MOST_BYTES
    for key, (start, end), value in _held(data, keys):
        parts: list[Part] = []
        for match in value.finditer(data, start, min(end, start + _MOST_BYTES)):
            first, last = match.span(match.lastindex) if match.lastindex else (0, 0)
            if first < last:
                parts += (Part(data[first:last], first, last), Part(BARRIER, last, last))
        if parts:
            yield View(parts, labels=key)
        left -= min(end - start, _MOST_BYTES)
        if left < 0:
            return


def _held(data: bytes, keys: Keys) -> Iterator[tuple[bytes, tuple[int, int], re.Pattern[bytes]]]:
    """Keys that name something, where what they hold stands, and how values are written there."""
    if b'":' in data:
        yield from _in_brackets(data, b"{", keys)
        yield from _in_brackets(data, b"[", keys)
    if not _WRITTEN.match(data, 0, _WRITTEN_BYTES):
        return
    for match in _BLOCK.finditer(data):
        if keys.name(match[2]):
            yield match[2], _indented(data, match.end(), len(match[1])), _VALUE
    for match in _SECTION.finditer(data):
        if keys.name(match[1]):
            end = _NEXT_SECTION.search(data, match.end(), match.end() + _MOST_BYTES)
            yield match[1], (match.end(), end.start() if end else len(data)), _VALUE


def _in_brackets(data: bytes, bracket: bytes, keys: Keys) -> Iterator[tuple[bytes, tuple[int, int], re.Pattern[bytes]]]:
    at = data.find(bracket, 1)
    while at > 0:
        # Without an expression: there may be a bracket in each line.
        colon = at - 1 if data[at - 1] == _COLON else at - 2
        if data[colon] == _COLON and data[colon - 1] == _QUOTE:
            key = data[data.rfind(b'"', max(0, colon - _KEY_BYTES), colon - 1) + 1 : colon - 1]
            if keys.name(key):
                yield key, (at, _closed(data, at)), _SCALAR
        at = data.find(bracket, at + 1)


def _closed(data: bytes, at: int) -> int:
    """Where the bracket at `at` is closed."""
    depth = 0
    for match in _BRACKETS.finditer(data, at, at + _MOST_BYTES):
        depth += (match[0] in b"{[") - (match[0] in b"}]")
        if depth == 0:
            return match.end()
    return at + _MOST_BYTES


def _indented(data: bytes, at: int, width: int) -> tuple[int, int]:
    """The lines from `at` on that stand further right than `width`, or begin a list there."""
    end = re.compile(rb"^ {0,%d}(?![ -])\S" % width, re.MULTILINE).search(data, at + 1, at + 1 + _MOST_BYTES)
    return at, end.start() if end else len(data)
