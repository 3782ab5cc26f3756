"""The window in which a decoder finds what it asks for of a film, also when the decoder does not do its part."""

import os
import re
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.unit.worker.misbehaving import decoders_that

from sightglass_common.video_errors import CorruptContainer, DecoderCrashed
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.run import decoder
from sightglass_worker.decode.source import LARGEST_READ_BYTES
from sightglass_worker.decode.window import Window

# What a decoder that misbehaves does, in one line, once it has read its limits and what it is to do.
_BEGIN = (
    "import socket; from sightglass_common.sandbox.wire import Message; from sightglass_worker.decode.wire import WIRE;"
    "WIRE.receive(connection); WIRE.receive(connection);"
)
_FIND_AND_SAY = (
    "WIRE.send(connection, Message('window', {}));"
    "(window,) = socket.recv_fds(connection, 1, 1)[1];"
    "WIRE.send(connection, Message('read', {'offset': 2, 'size': 3}));"
    "found = os.pread(window, WIRE.receive(connection).fields['size'], 0);"
    "WIRE.send(connection, Message('error', {'code': 'corrupt_container', 'detail': repr(found)}))"
)


@pytest.fixture
def window() -> Generator[Window]:
    window = Window()
    yield window
    window.close()


def windows() -> int:
    return sum("memfd:film" in str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink())


def test_what_was_shown_last_lies_at_its_beginning(window: Window) -> None:
    window.show(b"first and long")
    window.show(b"second")
    assert os.pread(window.descriptor, 6, 0) == b"second"


def test_it_holds_the_largest_read_and_no_byte_more(window: Window) -> None:
    largest = bytes(range(256)) * (LARGEST_READ_BYTES // 256)
    window.show(largest)
    assert os.pread(window.descriptor, LARGEST_READ_BYTES, 0) == largest
    with pytest.raises(OSError, match="not permitted"):
        window.show(largest + b"!")


@pytest.mark.parametrize("size", [0, 1, LARGEST_READ_BYTES - 1, LARGEST_READ_BYTES + 1, 1 << 40])
def test_whoever_has_it_cannot_make_it_another_size(window: Window, size: int) -> None:
    with pytest.raises(PermissionError):
        os.ftruncate(window.descriptor, size)


async def read_range(offset: int, size: int) -> bytes:
    return bytes(range(256))[offset : offset + size]


async def test_a_decoder_finds_in_it_what_it_asked_for_and_it_goes_with_the_decoder(tmp_path: Path) -> None:
    with decoders_that(_BEGIN + _FIND_AND_SAY, tmp_path):
        async with decoder(Limits()) as film:
            with pytest.raises(CorruptContainer, match=re.escape(repr(b"\2\3\4"))):
                await film.probe(read_range, 256)
            assert windows() == 1
        assert windows() == 0


@pytest.mark.parametrize(
    ("offset", "size"),
    [(0, LARGEST_READ_BYTES + 1), (0, 0), (-1, 1), (9 * LARGEST_READ_BYTES, 1), (0, "1"), (None, 1)],
)
async def test_a_decoder_that_asks_for_what_there_is_not_has_crashed(
    offset: object, size: object, tmp_path: Path
) -> None:
    asks = f"WIRE.send(connection, Message('read', {{'offset': {offset!r}, 'size': {size!r}}})); time.sleep(600)"
    with decoders_that(_BEGIN + asks, tmp_path):
        async with decoder(Limits()) as film:
            with pytest.raises(DecoderCrashed, match=r"does not have|no known kind"):
                await film.probe(read_range, 9 * LARGEST_READ_BYTES)


async def test_a_decoder_that_wants_windows_and_takes_none_has_crashed(tmp_path: Path) -> None:
    wants = "connection.sendall(5000 * WIRE.packed(Message('window', {}))); time.sleep(600)"
    with decoders_that(_BEGIN + wants, tmp_path):
        async with decoder(Limits()) as film:
            with pytest.raises(DecoderCrashed, match="could not be given the film"):
                await film.probe(read_range, 256)
