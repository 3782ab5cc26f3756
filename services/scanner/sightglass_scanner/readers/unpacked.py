"""What comes out of an archive, as a source: held if it is small, else a stream that goes only a little back."""

from collections.abc import Callable
from typing import Final

from sightglass_scanner.readers.limits import Budget, Refused
from sightglass_scanner.readers.reading import SkipReason
from sightglass_scanner.readers.source import BytesSource

_CHUNK_BYTES: Final = 64 * 1024
# Members up to this are held, so that paths in JSON can be found; of others the last part is.
_HELD_BYTES: Final = 8 * 1024 * 1024
_BACK_BYTES: Final = 2 * 1024 * 1024


class Unpacked:
    """The bytes of a member as they come. It ends early where it is damaged or too much: failure tells why."""

    def __init__(self, read: Callable[[int], bytes], packed: Callable[[], int], budget: Budget) -> None:
        """read: gives up to so many next bytes, none at the end. packed: how many bytes they have come from so far."""
        self._read = read
        self._packed = packed
        self._budget = budget
        self._buffer = bytearray()
        self._start = 0
        self._ended = False
        self.failure: Refused | None = None

    @property
    def size_bytes(self) -> int | None:
        """Its size, once it has come to its end."""
        return self._start + len(self._buffer) if self._ended else None

    def read(self, offset: int, length: int, /) -> bytes:
        """As of any source. Raises OSError when that is too far back."""
        if offset < self._start:
            msg = "what was unpacked is gone"
            raise OSError(msg)
        self._fill(offset + length)
        within = offset - self._start
        data = bytes(self._buffer[within : within + length])
        # What is asked for in order is let go of in large pieces, as each moves the rest.
        if offset + length > _HELD_BYTES and within > 2 * _BACK_BYTES:
            del self._buffer[: within - _BACK_BYTES]
            self._start += within - _BACK_BYTES
        return data

    def held(self) -> BytesSource:
        """All of it. Raises Refused when it is too large."""
        self._fill(self._budget.limits.held_bytes + 1)
        self._budget.held(len(self._buffer))
        return BytesSource(bytes(self._buffer))

    def _fill(self, end: int) -> None:
        while not self._ended and self._start + len(self._buffer) < end:
            try:
                chunk = self._next()
            except Refused as refused:
                self.failure, chunk = refused, b""
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 -- whatever a library finds wrong with foreign bytes
                self.failure, chunk = Refused(SkipReason.DAMAGED, type(error).__name__), b""
            self._buffer += chunk
            self._ended = not chunk

    def _next(self) -> bytes:
        chunk = self._read(_CHUNK_BYTES)
        self._budget.unpacked(len(chunk))
        self._budget.ratio(self._packed(), self._start + len(self._buffer) + len(chunk))
        return chunk
