"""A model's answer as it comes, held back until it is certain that nothing sensitive begins in what is told."""

import re
from typing import Final

from sightglass_chat.domain.cleaning import cleaned, visible
from sightglass_chat.redacting import SHIPPED, redacted, values_in
from sightglass_detect import Finding, Settings

# More than any value with white space in it is long, its label with it (tests try all detectors' examples). Longer ones
# are in one run, which is told as a whole, or begin with one of the signs below, behind which nothing is told for now.
_HELD_CHARS: Final = 320
_LONG: Final = re.compile(r"-----|private.?key|service.?account", re.IGNORECASE)
# What stands for a value, before what would make it a link.
_TOKEN: Final = re.compile(r"(?<=[0-9])\](?=[(\[:])")


class Screen:
    """What may be told of an answer. sources: how many it may cite. settings: what is replaced in it."""

    def __init__(self, sources: int, settings: Settings = SHIPPED) -> None:
        self._sources = sources
        self._settings = settings
        self._text = ""
        self._cut = 0
        self.told = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing of an answer."""
        return not self._text.strip()

    @property
    def waits(self) -> bool:
        """Whether so much is held back that some may be told by now."""
        return len(self._text) - self._cut > _HELD_CHARS

    def take(self, text: str) -> None:
        """Add what has come."""
        self._text += visible(text)

    def more(self) -> str:
        """What may be told now."""
        plain = self._plain()
        findings = values_in(plain, self._settings)
        cut = _safe_cut(plain, findings)
        if cut <= self._cut:
            return ""
        self._cut = cut
        return self._told_with(_redacted(plain[:cut], [found for found in findings if found.end <= cut])) or ""

    def rest(self) -> str | None:
        """What is left at the end; None if what was told is not how the answer begins, as it should be."""
        return self._told_with(self.whole())

    def whole(self) -> str:
        """All that may be told of what has come, as if it were all."""
        plain = self._plain().rstrip()
        return _redacted(plain, values_in(plain, self._settings))

    def _plain(self) -> str:
        """Cleaned before it is redacted: what is taken away may bring a value forth."""
        return cleaned(self._text, self._sources).lstrip()

    def _told_with(self, text: str) -> str | None:
        if not text.startswith(self.told):
            return None
        told, self.told = self.told, text
        return text[len(told) :]


def _redacted(text: str, findings: list[Finding]) -> str:
    return _TOKEN.sub("] ", str(redacted(text, findings=findings)))


def _safe_cut(text: str, findings: list[Finding]) -> int:
    """Where white space begins, before which nothing changes whatever comes; 0 if nowhere."""
    cut = len(text) - _HELD_CHARS
    if long := _LONG.search(text):
        cut = min(cut, text.rfind("\n", 0, long.start()) + 1)
    cut = _between_words(text, cut)
    for found in sorted(findings, key=lambda one: one.start, reverse=True):
        if found.start < cut < found.end:
            cut = _between_words(text, found.start)
    return len(text[:cut].rstrip())


def _between_words(text: str, at: int) -> int:
    """The last place up to `at` before white space, or between two signs of a script that has none; 0 if none."""
    while at > 0 and not (text[at].isspace() or (text[at] > "\u2e7f" and text[at - 1] > "\u2e7f")):
        at -= 1
    return max(at, 0)
