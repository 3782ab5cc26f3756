"""Looks that were read, folded into the texts of a film."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sightglass_worker.domain.screen.looks import ScreenLook
from sightglass_worker.domain.texts.coverage import Coverage, CoverageMeter, Outcome
from sightglass_worker.domain.texts.lines import Line
from sightglass_worker.domain.texts.tracker import Text, TextTracker
from sightglass_worker.domain.texts.unread import Unread


@dataclass(frozen=True, slots=True)
class ReadLook:
    """A look without its picture, and what was read in it.

    outcome: None where there was nothing to read. failure: an error code, where reading failed.
    """

    look: ScreenLook
    lines: tuple[Line, ...]
    outcome: Outcome | None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class ScreenTexts:
    """What the screen of a film has shown, and what of it was not read. failures: error codes, in order of time."""

    texts: list[Text]
    coverage: Coverage
    unread: list[Unread]
    failures: list[str]


class TextFold:
    """Takes what was read of a film, in order of time; ranges of it one after the other."""

    def __init__(self) -> None:
        self._tracker = TextTracker()
        self._meter = CoverageMeter()
        self._failures: list[str] = []

    def push(self, read: ReadLook) -> None:
        """Take the next look."""
        self._tracker.push(read.look, read.lines)
        if read.outcome is not None:
            self._meter.note(read.look, read.outcome)
        if read.failure is not None:
            self._failures.append(read.failure)

    def finish(self, duration_us: int) -> ScreenTexts:
        """The texts of a film that lasts so long."""
        return ScreenTexts(self._tracker.finish(duration_us), *self._meter.finish(duration_us), self._failures)


def without_picture(
    look: ScreenLook, lines: Iterable[Line], outcome: Outcome | None, failure: str | None = None
) -> ReadLook:
    """A look that was read, or was not to be."""
    return ReadLook(replace(look, luma=b"", width=0, height=0), tuple(lines), outcome, failure)
