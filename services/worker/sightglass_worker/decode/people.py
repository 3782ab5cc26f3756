"""Takes five small pictures a second of a film, in which persons are looked for."""

from collections.abc import Iterator
from typing import Final, cast

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from sightglass_worker.decode.planes import quarter_turns, scaled
from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.pose.people import PoseLook

# One picture is taken of each such span, counted from the film's first frame.
PERIOD_US: Final = 200_000
# Larger pictures are reduced to this on the longer side.
LONG_SIDE: Final = 640
# No model finds anybody in less, and scalers need some.
_SHORTEST_SIDE: Final = 16


class PeopleWatcher:
    """Makes pictures of frames, in order of time. Keeps none."""

    def __init__(self) -> None:
        self._scaler = VideoReformatter()  # kept: to set one up costs more than to scale
        self._size = (0, 0)
        self._turns = 0
        self._span: int | None = None

    def wants(self, t_us: int) -> bool:
        """Whether the frame at this time is the first of its span. To be asked of every frame, in order.

        Of a run's first frame that is only known if the span begins with it.
        """
        span, into_us = divmod(t_us, PERIOD_US)
        first = into_us == 0 if self._span is None else span != self._span
        self._span = span
        return first

    def look(self, frame: VideoFrame, t_us: int) -> Iterator[PoseLook]:
        """Take a wanted frame; yield its picture."""
        if self._size == (0, 0):
            self._settle(frame)
        rgb = self._rgb(frame)
        height, width, _ = rgb.shape
        yield PoseLook(t_us, width, height, rgb.tobytes())

    def finish(self) -> Iterator[PoseLook]:
        """Yield nothing: each picture was given at once."""
        yield from ()

    def _settle(self, frame: VideoFrame) -> None:
        """Take from the first frame how it is shown, and the size that all are brought to."""
        factor = min(1.0, LONG_SIDE / max(frame.width, frame.height))
        self._size = (
            max(_SHORTEST_SIDE, round(frame.width * factor)),
            max(_SHORTEST_SIDE, round(frame.height * factor)),
        )
        self._turns = quarter_turns(frame)

    def _rgb(self, frame: VideoFrame) -> Pixels:
        """The picture as shown: (rows, columns, 3)."""
        (plane,) = scaled(self._scaler, frame, self._size, "rgb24", "AREA").planes
        columns, rows = self._size
        # PyAV's stubs do not say that a plane is a buffer.
        buffer = cast("memoryview", plane)
        return np.rot90(np.ndarray((rows, columns, 3), np.uint8, buffer, 0, (plane.line_size, 3, 1)), self._turns)
