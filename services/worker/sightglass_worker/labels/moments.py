"""At which moments a scene is looked at."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, Protocol

# Frames closer together than this show the same.
_APART_US: Final = 1_000_000
# Shares of a scene at its start and its end that may still show, or show already, another one.
_EDGE: Final = 0.1


class Scene(Protocol):
    """A stretch of a film, and when the frame that stands for it is shown; microseconds from the film's first frame."""

    @property
    def start_us(self) -> int:
        """Its first frame."""
        ...

    @property
    def end_us(self) -> int:
        """The next one's first frame."""
        ...

    @property
    def keyframe_us(self) -> int:
        """The frame that stands for it."""
        ...


def moments_of(scene: Scene, known_us: Sequence[int], count: int) -> list[int]:
    """At most `count` times of frames: the key frame, then those that lie furthest from all before, a second at least.

    known_us: times at which there is a frame, in order.
    """
    edge_us = round(_EDGE * (scene.end_us - scene.start_us))
    first = bisect_left(known_us, scene.start_us + edge_us)
    inside = known_us[first : bisect_left(known_us, scene.end_us - edge_us)]
    taken = [scene.keyframe_us]
    while len(taken) < count and inside:
        furthest = max(inside, key=lambda t_us: min(abs(t_us - other) for other in taken))
        if min(abs(furthest - other) for other in taken) < _APART_US:
            break
        taken.append(furthest)
    return taken
