"""The packets of a stream's key frames, read without the rest where the container has an index of all of them."""

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Final

from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

# A seek lands on the key frame that is meant, or a little before it: in films with an edit list a few frames.
_MAX_ASTRAY: Final = 64
# An index that ends earlier than this share of the film is that of its first fragments only.
_WHOLE: Final = 0.9


class KeyIndex:
    """The key frames of an MP4 or QuickTime film, by decoding time in ticks and by place.

    Demuxers of other containers know them only once they come by, or have them in other units than they seek in.
    Each is sought, as FFmpeg's demuxer gives wrong times of presentation when it is told to leave out all others.
    """

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._container = container
        self._stream = stream
        self._delay = 0  # from decoding to presentation, of the key frame found last

    @property
    def whole(self) -> bool:
        """Whether the index has all of the film."""
        entries, frames = self._stream.index_entries, self._stream.frames
        if "mp4" not in self._container.format.name.split(",") or not 0 < frames <= len(entries):
            return False
        return entries[-1].timestamp >= _WHOLE * (self._stream.duration or 0)

    def places(self) -> Iterator[tuple[int, int, int]]:
        """Of each key frame: its decoding time, that of the next (or the film's last frame), its place in bytes."""
        entries = self._stream.index_entries
        keys = ((entry.timestamp, entry.pos) for entry in entries if entry.is_keyframe)
        end = (entries[-1].timestamp + 1, -1)
        for (here, position), (following, _) in pairwise(chain(keys, [end])):
            yield here, following, position

    def packet(self, here: int, following: int, position: int) -> "Packet[VideoStream] | None":
        """The packet of a key frame; None if it is not there. Raises FFmpegError."""
        # The demuxer takes it for a time of presentation, and goes to the key frame before that.
        target = here + max(self._delay, (following - here) // 2)
        self._container.seek(target, stream=self._stream, backward=True)
        for count, packet in enumerate(self._container.demux(self._stream)):
            if packet.size and packet.pos == position:
                if packet.pts is not None and packet.dts is not None:
                    self._delay = packet.pts - packet.dts
                return packet
            if count == _MAX_ASTRAY:
                break
        return None
