"""Decoding a stream packet by packet, so that a damaged one costs no more than itself."""

from collections.abc import Iterator
from typing import Final

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightglass_worker.decode.probe import refuse_encrypted

# A demuxer that fails this often in a row will not find its way again.
_MAX_DEMUX_ERRORS: Final = 100


class FrameReader:
    """Iterates over the frames that can be decoded, and counts the packets that cannot."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._container = container
        self._stream = stream
        self.bad_packets = 0

    def __iter__(self) -> Iterator[VideoFrame]:
        for packet in self._packets():
            try:
                yield from packet.decode()
            except FFmpegError as error:
                if isinstance(error, MemoryError):
                    raise
                refuse_encrypted(packet)
                self.bad_packets += 1

    def _packets(self) -> Iterator["Packet[VideoStream]"]:
        errors = 0
        while errors < _MAX_DEMUX_ERRORS:
            try:
                for packet in self._container.demux(self._stream):
                    yield packet
                    errors = 0
            except FFmpegError as error:
                if isinstance(error, MemoryError):
                    raise
                errors += 1
                self.bad_packets += 1
            else:
                return
