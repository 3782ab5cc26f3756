"""What the watchers of a film share: which frames they look at, and the one size that these are brought to."""

from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from sightglass_worker.decode.planes import quarter_turns, scaled


class Pace:
    """Chooses one frame of each span of `period_us` microseconds, counted from the film's first frame."""

    def __init__(self, period_us: int) -> None:
        self._period_us = period_us
        self._span: int | None = None

    def wants(self, t_us: int) -> bool:
        """Whether the frame at this time is the first of its span. To be asked of every frame, in order.

        Of a run's first frame that is only known if the span begins with it.
        """
        span, into_us = divmod(t_us, self._period_us)
        first = into_us == 0 if self._span is None else span != self._span
        self._span = span
        return first


class OneSize:
    """Brings all frames of a stream to the size of its first, whose longer side is reduced to `long_side`.

    shortest_side: neither side gets shorter. Both in samples.
    """

    def __init__(self, long_side: int, shortest_side: int) -> None:
        self._long_side = long_side
        self._shortest_side = shortest_side
        self._scaler = VideoReformatter()  # kept: to set one up costs more than to scale
        self._size: tuple[int, int] | None = None
        self._turns = 0

    @property
    def turns(self) -> int:
        """Quarter turns counter-clockwise by which the first frame is turned to be shown, and so all are."""
        return self._turns

    def is_met_by(self, frame: VideoFrame) -> bool:
        """Whether a frame has that size already."""
        return (frame.width, frame.height) == self._of(frame)

    def rows(self, frame: VideoFrame) -> int:
        """Whole rows of a frame that become one."""
        return frame.height // self._of(frame)[1]

    def brought(self, frame: VideoFrame, name: str) -> VideoFrame:
        """The frame in that size and in the pixel format `name`, not yet turned."""
        return scaled(self._scaler, frame, self._of(frame), name, "AREA")

    def _of(self, frame: VideoFrame) -> tuple[int, int]:
        if self._size is None:
            factor = min(1.0, self._long_side / max(frame.width, frame.height))
            width, height = (max(self._shortest_side, round(side * factor)) for side in (frame.width, frame.height))
            self._size, self._turns = (width, height), quarter_turns(frame)
        return self._size
