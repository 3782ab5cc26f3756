"""Messages arrive as they were sent, or not at all."""

import socket
import threading
from collections.abc import Generator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import Buffer

from sightglass_common.sandbox import wire
from sightglass_common.sandbox.wire import HEADER, GarbledError, Message, Wire

WIRE = Wire(json_bytes=4096, blob_bytes=8192)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.text(max_size=8).filter(lambda name: name != "kind"), JSON, max_size=3)
MESSAGES = st.builds(Message, st.text(max_size=8), FIELDS, st.binary(max_size=2000))


@pytest.fixture
def ends() -> Generator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def said(pieces: Iterable[bytes]) -> tuple[socket.socket, threading.Thread]:
    """A socket from which these pieces come one after the other, and then nothing more."""
    ours, theirs = socket.socketpair()

    def say() -> None:
        with theirs:
            for piece in pieces:
                theirs.sendall(piece)

    thread = threading.Thread(target=say)
    thread.start()
    return ours, thread


@given(st.lists(MESSAGES, max_size=4), st.sampled_from([None, 60.0]), st.integers(1, 500))
def test_what_is_sent_arrives_in_its_order_whatever_pieces_it_comes_in(
    messages: list[Message], timeout_s: float | None, piece: int
) -> None:
    stream = b"".join(WIRE.packed(message) for message in messages)
    ours, thread = said(stream[i : i + piece] for i in range(0, len(stream), piece))
    with ours:
        ours.settimeout(timeout_s)
        arrived = [WIRE.receive(ours) for _ in messages]
        assert arrived == messages
        assert WIRE.receive(ours) is None
    thread.join()


@given(MESSAGES)
def test_to_send_is_to_write_what_it_is_packed_as(message: Message) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        WIRE.send(ours, message)
        assert theirs.recv(1 << 16, socket.MSG_WAITALL | socket.MSG_DONTWAIT) == WIRE.packed(message)


@pytest.mark.parametrize("timeout_s", [None, 60.0])
def test_what_is_larger_than_a_socket_holds_arrives(timeout_s: float | None) -> None:
    wide = Wire(json_bytes=100, blob_bytes=1 << 23)
    message = Message("large", {}, bytes(range(256)) * (1 << 15))
    ours, thread = said([wide.packed(message)])
    with ours:
        ours.settimeout(timeout_s)
        assert wide.receive(ours) == message
    thread.join()


Ends = tuple[socket.socket, socket.socket]


def test_the_largest_message_goes_over_it_and_no_larger_one_is_sent(ends: Ends) -> None:
    ours, theirs = ends
    around = len(WIRE.packed(Message("", {"x": ""}))) - HEADER.size
    largest = Message("", {"x": "x" * (WIRE.json_bytes - around)}, bytes(WIRE.blob_bytes))
    WIRE.send(ours, largest)
    assert WIRE.receive(theirs) == largest
    for larger in (Message("", {"x": largest.fields["x"] + "x"}), Message("", {}, largest.blob + b"\0")):
        with pytest.raises(ValueError, match="bytes"):
            WIRE.send(ours, larger)
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):  # no byte of them
        theirs.recv(1)


@pytest.mark.parametrize("sizes", [(WIRE.json_bytes + 1, 0), (2, WIRE.blob_bytes + 1), (2**32 - 1, 2**32 - 1)])
def test_a_larger_one_that_is_announced_is_not_waited_for(sizes: tuple[int, int], ends: Ends) -> None:
    ours, theirs = ends
    theirs.sendall(HEADER.pack(*sizes))
    with pytest.raises(GarbledError):
        WIRE.receive(ours)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'"kind"', b"\xff", b"1" * 4096, b"[" * 4096])
def test_what_is_no_message_is_garbled(text: bytes, ends: Ends) -> None:
    ours, theirs = ends
    theirs.sendall(HEADER.pack(len(text), 0) + text)
    with pytest.raises(GarbledError):
        WIRE.receive(ours)


def test_a_stream_that_ends_within_a_message_is_at_its_end() -> None:
    whole = WIRE.packed(Message("text", {"at": 5}, b"blob"))
    for length in range(len(whole)):
        ours, thread = said([whole[:length]])
        with ours:
            assert WIRE.receive(ours) is None
        thread.join()


def test_who_has_closed_with_something_unread_is_at_the_end_too(ends: Ends) -> None:
    ours, theirs = ends
    WIRE.send(ours, Message("unread", {}))
    theirs.close()
    assert WIRE.receive(ours) is None


def test_a_message_that_comes_a_byte_at_a_time_is_waited_for_no_longer_than_a_whole_one() -> None:
    class Clock:
        """A second goes by with each byte."""

        now = 0.0

        def __call__(self) -> float:
            self.now += 1.0
            return self.now

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(wire, "monotonic", Clock())
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(WIRE.packed(Message("text", {}, bytes(1000))))
            slow = OneByteAtATime(fileno=ours.detach())
            with slow, pytest.raises(TimeoutError):
                WIRE.receive(slow, within_s=50.0)
            assert slow.taken < 60


class OneByteAtATime(socket.socket):
    """A socket at which one byte arrives at a time."""

    taken = 0

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        self.taken += 1
        return super().recv(min(bufsize, 1), flags)

    def recv_into(self, buffer: Buffer, nbytes: int = 0, flags: int = 0) -> int:
        self.taken += 1
        return super().recv_into(buffer, nbytes or 1, flags)


def test_silence_is_noticed(ends: Ends) -> None:
    ours, theirs = ends
    theirs.sendall(WIRE.packed(Message("text", {}))[:-1])
    with pytest.raises(TimeoutError):
        WIRE.receive(ours, within_s=0.01)
    ours.settimeout(0.01)
    with pytest.raises(TimeoutError):
        WIRE.receive(ours)
