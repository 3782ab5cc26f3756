"""Who watches a range beside its scenes, and what of what is seen is the range's own to tell."""

from collections.abc import Iterable, Iterator

from av.video.frame import VideoFrame

from sightglass_worker.decode.movement import MovementWatcher
from sightglass_worker.decode.range_results import RangeSpan
from sightglass_worker.decode.screen import ScreenWatcher
from sightglass_worker.decode.watching import Seen, Watch
from sightglass_worker.domain.merging.window import Window


class RangeWatchers:
    """Shows a range's frames to those who watch it, in order.

    names: as decode.watching knows them. end_us: where the next range begins.

    Motion: a sample depends on a bounded number of frames around it, so that all own samples are those of the whole
    film; no others are made. The screen: what was read last, and so what is to be read, may go back to the film's
    beginning; so it begins anew with every range that was planned, in a run over the whole film as well
    (`restarts_us`).
    """

    def __init__(self, names: Iterable[Watch], span: RangeSpan, window: Window, end_us: int | None) -> None:
        wanted = set(names)
        self._end_us = end_us
        self._restarts_us = list(span.restarts_us)
        self._movement = MovementWatcher(window.owns_time) if "motion" in wanted else None
        self._screen = ScreenWatcher() if "screen" in wanted else None

    def look(self, frame: VideoFrame, t_us: int) -> Iterator[Seen]:
        """Take the newest frame of the window."""
        if self._movement is not None and self._movement.wants(t_us):
            yield from self._movement.look(frame, t_us)
        if self._screen is not None and (self._end_us is None or t_us < self._end_us):
            yield from self._begin_anew(t_us)
            if self._screen.wants(t_us):
                yield from self._screen.look(frame, t_us)

    def finish(self) -> Iterator[Seen]:
        """Yield what remains after the range's last frame."""
        if self._movement is not None:
            yield from self._movement.finish()
        if self._screen is not None:
            yield from self._screen.finish()

    def _begin_anew(self, t_us: int) -> Iterator[Seen]:
        while self._screen is not None and self._restarts_us and t_us >= self._restarts_us[0]:
            del self._restarts_us[0]
            yield from self._screen.finish()
            self._screen = ScreenWatcher()
