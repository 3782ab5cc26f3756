"""Takes five small pictures a second of a film, in which persons are looked for."""

from collections.abc import Iterator
from typing import Final, cast

import numpy as np
from av.video.frame import VideoFrame

from sightglass_worker.decode.pace import OneSize, Pace
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
        self._pace = Pace(PERIOD_US)
        self._size = OneSize(LONG_SIDE, _SHORTEST_SIDE)

    def wants(self, t_us: int) -> bool:
        """See Pace."""
        return self._pace.wants(t_us)

    def look(self, frame: VideoFrame, t_us: int) -> Iterator[PoseLook]:
        """Take a wanted frame; yield its picture."""
        rgb = self._rgb(frame)
        height, width, _ = rgb.shape
        yield PoseLook(t_us, width, height, rgb.tobytes())

    def finish(self) -> Iterator[PoseLook]:
        """Yield nothing: each picture was given at once."""
        yield from ()

    def _rgb(self, frame: VideoFrame) -> Pixels:
        """The picture as shown: (rows, columns, 3)."""
        small = self._size.brought(frame, "rgb24")
        (plane,) = small.planes
        # PyAV's stubs do not say that a plane is a buffer.
        buffer = cast("memoryview", plane)
        shape, strides = (small.height, small.width, 3), (plane.line_size, 3, 1)
        return np.rot90(np.ndarray(shape, np.uint8, buffer, 0, strides), self._size.turns)
