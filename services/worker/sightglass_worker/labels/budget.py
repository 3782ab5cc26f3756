"""How much of a film is shown to a provider."""

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol, TypeVar


class _Frame(Protocol):
    @property
    def scene(self) -> int: ...

    @property
    def t_us(self) -> int: ...


F = TypeVar("F", bound=_Frame)


class OutOfCalls(Exception):
    """The calls of this analysis are spent."""


class CallBudget:
    """Calls that an analysis may still make, each retry one of them."""

    def __init__(self, calls: int) -> None:
        self._left = calls
        self.made = 0
        self.pictures = 0

    def take(self, pictures: int) -> None:
        """Note one call that shows so many pictures. Raises OutOfCalls."""
        if not self._left:
            raise OutOfCalls
        self._left -= 1
        self.made += 1
        self.pictures += pictures


def wanted(frames: Sequence[F], per_scene: int) -> list[list[F]]:
    """In rounds: the first frame of each scene, then the second of those that have one, up to `per_scene`.

    frames: in order of scenes; in each scene the one that stands for it first.
    """
    scenes = [list(own) for _, own in groupby(frames, key=lambda frame: frame.scene)]
    return [[own[number] for own in scenes if len(own) > number] for number in range(per_scene)]


def chosen(rounds: Sequence[Sequence[F]], limit: int) -> list[F]:
    """At most `limit` frames, in order of time: every scene has one before any has two, and where there are more
    scenes than frames they lie evenly among them.
    """
    taken: list[F] = []
    for frames in rounds:
        taken += _spread(frames, limit - len(taken))
    return sorted(taken, key=lambda frame: (frame.scene, frame.t_us))


def _spread(frames: Sequence[F], count: int) -> list[F]:
    if len(frames) <= count:
        return list(frames)
    return [frames[number * len(frames) // count] for number in range(count)]
