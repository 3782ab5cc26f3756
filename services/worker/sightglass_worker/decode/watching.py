"""Those who look at some frames of a film while it is decoded for its scenes: at its motion, screens, persons."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, Protocol

from av.video.frame import VideoFrame

from sightglass_worker.decode.movement import MovementWatcher
from sightglass_worker.decode.people import PeopleWatcher
from sightglass_worker.decode.screen import ScreenWatcher
from sightglass_worker.domain.motion.samples import MotionSample
from sightglass_worker.domain.pose.people import PoseLook
from sightglass_worker.domain.screen.looks import ScreenLook

Seen = MotionSample | ScreenLook | PoseLook
Watch = Literal["motion", "screen", "people"]


class Watcher(Protocol):
    """Decides by time alone which frames it is shown, so that every run over a film shows it the same."""

    def wants(self, t_us: int) -> bool:
        """Whether to be shown the frame at this time. Asked of every frame, in order."""
        ...

    def look(self, frame: VideoFrame, t_us: int) -> Iterator[Seen]:
        """Take a wanted frame; yield what is now certain."""
        ...

    def finish(self) -> Iterator[Seen]:
        """Yield what remains after the last frame."""
        ...


_WATCHERS: Final[dict[str, type[MovementWatcher | ScreenWatcher | PeopleWatcher]]] = {
    "motion": MovementWatcher,
    "screen": ScreenWatcher,
    "people": PeopleWatcher,
}


def watchers(names: Iterable[str]) -> list[Watcher]:
    """New watchers for one film. Raises KeyError for a name that is none of Watch."""
    return [_WATCHERS[name]() for name in names]
