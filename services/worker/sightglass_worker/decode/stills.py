"""Single frames of a film that was analysed, found again by their time stamps."""

from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from itertools import islice
from typing import Final

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightglass_worker.decode.clock import FrameClock
from sightglass_worker.decode.container import open_container, video_stream
from sightglass_worker.decode.frames import FrameReader
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.picture import Shrinker, jpeg
from sightglass_worker.decode.probe import sample_aspect, shown_size, upright_by
from sightglass_worker.decode.source import DescriptorFile

# As large as the pictures in which text is looked for: screen.LONG_SIDE.
LONG_SIDE: Final = 1920
# Key frames that lie further apart than this are those of a film that nobody can seek in: half a minute.
_MOST_FRAMES: Final = 750
# Containers without an index lead to a place near the one that is asked for, and it may lie behind it.
_EARLIER_US: Final = (0, 1_000_000, 10_000_000)
_MICROSECOND: Final = Fraction(1, 1_000_000)


class FilmStills:
    """Seeks to frames. origin_us: of the Analysis (decode.results)."""

    def __init__(self, container: InputContainer, stream: VideoStream, origin_us: int) -> None:
        self._container = container
        self._stream = stream
        self._origin_us = origin_us
        self._time_base = stream.time_base or _MICROSECOND
        self._clock = FrameClock(self._time_base, None)

    def jpeg(self, t_us: int) -> bytes | None:
        """The frame of exactly this time, upright, its longer side at most 1920.

        None where seeking does not lead to it, or where it is damaged.
        """
        frame = self._frame(t_us)
        if frame is None or frame.is_corrupt:
            return None
        rotation = upright_by(frame)
        shown = shown_size(frame.width, frame.height, sample_aspect(self._stream), rotation)
        return jpeg(Shrinker(shown, rotation, LONG_SIDE).picture(frame))

    def _frame(self, t_us: int) -> VideoFrame | None:
        wanted_us = t_us + self._origin_us
        for earlier_us in _EARLIER_US:
            at_us, frame = self._sought(wanted_us - earlier_us, wanted_us)
            if at_us == wanted_us:
                return frame
        return None

    def _sought(self, from_us: int, wanted_us: int) -> tuple[int | None, VideoFrame | None]:
        """The first frame from a seek on that is not before the wanted time, and its own."""
        try:
            self._container.seek(int(from_us * _MICROSECOND / self._time_base), stream=self._stream)
        except FFmpegError:
            return None, None
        for frame in islice(FrameReader(self._container, self._stream), _MOST_FRAMES):
            at_us = None if frame.pts is None else self._clock.pts_us(frame.pts)
            if at_us is None or at_us >= wanted_us:
                return at_us, frame
        return None, None


@contextmanager
def film_stills(source: DescriptorFile, limits: Limits, origin_us: int) -> Generator[FilmStills]:
    """Open a film for stills. Raises what open_container and video_stream raise."""
    with open_container(source, limits) as container:
        yield FilmStills(container, video_stream(container, limits), origin_us)
