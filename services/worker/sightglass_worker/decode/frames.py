"""Decoding a stream packet by packet, so that a damaged one costs no more than itself."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightglass_worker.decode.probe import refuse_encrypted

# A demuxer that fails this often in a row will not find its way again.
_MAX_DEMUX_ERRORS: Final = 100
# What may be held back to be looked at together: sixteen frames of 1080p, four of 4K. Eight cost a seventh
# more beside decoding, and hold 25 MB less.
_BURST_FRAMES: Final = 16
_BURST_BYTES: Final = 48_000_000


class FrameReader:
    """Iterates over the frames that can be decoded, and counts the packets that cannot.

    starved: for one of them there was not memory enough.
    """

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._container = container
        self._stream = stream
        self.bad_packets: int = 0
        self.starved = False

    def __iter__(self) -> Iterator[VideoFrame]:
        for packet in self._packets():
            try:
                yield from packet.decode()
            except FFmpegError as error:
                self._failed(packet, error)

    def _packets(self) -> Iterator["Packet[VideoStream]"]:
        errors = 0
        while errors < _MAX_DEMUX_ERRORS:
            try:
                for packet in self._container.demux(self._stream):
                    yield packet
                    errors = 0
            except FFmpegError:
                # Also of a packet whose damaged size asks for more memory than there is. One at which the
                # demuxer stays counts once.
                if not errors:
                    self.bad_packets += 1
                errors += 1
            else:
                return

    def _failed(self, packet: "Packet[VideoStream]", error: FFmpegError) -> None:
        """Count a packet that cannot be decoded. Raises EncryptedMedia."""
        refuse_encrypted(packet)
        self.bad_packets += 1
        # A damaged packet may claim to need more than there is; the next may be sound.
        self.starved = self.starved or isinstance(error, MemoryError)


def in_bursts(frames: Iterable[VideoFrame]) -> Iterator[deque[VideoFrame]]:
    """The same frames in the same order, a few at a time, to be taken out of the queue that is given.

    Decoding a frame empties the processor's caches of all code and data but its own. Whatever is
    done with the frames costs half if it is done for many of them in a row. A frame that is not
    taken out as soon as it is done with costs the decoder a buffer.
    """
    held: deque[VideoFrame] = deque()
    for frame in frames:
        held.append(frame)
        if len(held) >= _BURST_FRAMES or len(held) * _size_bytes(frame) >= _BURST_BYTES:
            yield held
            held = deque()
    if held:
        yield held


def _size_bytes(frame: VideoFrame) -> int:
    # As 8 bit 4:2:0. To ask each frame for its format would cost more than the difference matters.
    return frame.width * frame.height * 3 // 2
