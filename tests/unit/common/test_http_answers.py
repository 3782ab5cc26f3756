"""Answers of HTTP, in whatever pieces they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightglass_common.http_answers import HEAD_BYTES, Answer, AnswerReader, NoAnswer

# Some are parts of others.
NAMES = st.sampled_from(["etag", "ETag", "x-etag", "etag-x", "X-Amz-Version-Id", "Content-Range", "Date"])
BODIES = st.binary(max_size=300)
CUTS = st.lists(st.integers(1, 60), min_size=1, max_size=30)


def read(stream: bytes, cuts: list[int], most_bytes: int = 1000, *, end: bool = False) -> tuple[Answer | None, int]:
    """The answer, and how many bytes of the stream it took."""
    reader = AnswerReader(memoryview(bytearray(HEAD_BYTES)), most_bytes)
    at = number = 0
    while at < len(stream):
        room = reader.room()
        piece = stream[at : at + min(cuts[number % len(cuts)], len(room))]
        room[: len(piece)] = piece
        at, number = at + len(piece), number + 1
        if answer := reader.took(len(piece)):
            return answer, at
    return (reader.ended() if end else None), at


def chunked(body: bytes, sizes: list[int]) -> bytes:
    parts: list[bytes] = []
    at = number = 0
    while at < len(body):
        part = body[at : at + sizes[number % len(sizes)]]
        parts.append(b"%x;ext=1\r\n%s\r\n" % (len(part), part))
        at, number = at + len(part), number + 1
    return b"".join(parts) + b"0\r\nx-trailer: 1\r\n\r\n"


@given(BODIES, CUTS)
def test_a_body_of_known_length_is_read_however_it_is_cut(body: bytes, cuts: list[int]) -> None:
    stream = b'HTTP/1.1 206 Partial\r\nETag: "e"\r\nContent-Length: %d\r\n\r\n' % len(body) + body
    answer, taken = read(stream, cuts)
    assert answer is not None
    assert answer.headers == {b"etag": '"e"', b"content-length": str(len(body))}
    assert (answer.status, answer.body, answer.keeps, taken) == (206, body, True, len(stream))


@given(st.lists(st.tuples(NAMES, st.sampled_from(["", "0", " 0\t", "\u00fc"])), max_size=6))
def test_headers_that_are_used_are_those_among_all(headers: list[tuple[str, str]]) -> None:
    lines = [f"{name}:{value}" for name, value in headers]
    stream = "\r\n".join(["HTTP/1.1 200 OK", *lines, "content-length: 0", "", ""]).encode("latin-1")
    answer, _ = read(stream, [1000])
    assert answer is not None
    used = {"etag", "x-amz-version-id", "content-range", "content-length"}
    told = {name.encode(): value for name, value in answer.all_headers.items() if name in used}
    assert answer.headers == told


@given(BODIES, CUTS, CUTS)
def test_a_chunked_body_is_read_however_it_is_cut(body: bytes, sizes: list[int], cuts: list[int]) -> None:
    stream = b"HTTP/1.1 404 Not\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, sizes)
    answer, taken = read(stream, cuts)
    assert answer is not None
    assert (answer.status, answer.body, answer.keeps, taken) == (404, body, True, len(stream))


@given(BODIES, CUTS)
def test_a_body_to_the_end_of_the_connection_is_whole_only_there(body: bytes, cuts: list[int]) -> None:
    stream = b"HTTP/1.1 200 OK\r\nServer: s\r\n\r\n" + body
    assert read(stream, cuts)[0] is None
    answer, _ = read(stream, cuts, end=True)
    assert answer is not None
    assert (answer.body, answer.keeps) == (body, False)


@given(BODIES, CUTS)
def test_what_ends_early_is_no_answer(body: bytes, cuts: list[int]) -> None:
    stream = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) + 1) + body
    assert read(stream, cuts, end=True)[0] is None


@pytest.mark.parametrize(
    ("head", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close", False),
        (b"HTTP/1.0 200 OK", False),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", True),
    ],
)
def test_a_connection_is_kept_where_both_sides_do(head: bytes, keeps: bool) -> None:
    answer, _ = read(head + b"\r\nContent-Length: 2\r\n\r\nok", [7])
    assert answer is not None
    assert (answer.status, answer.body, answer.keeps) == (200, b"ok", keeps)


def test_what_comes_after_an_answer_ends_the_connection() -> None:
    answer, _ = read(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP", [1000])
    assert answer is not None
    assert (answer.body, answer.keeps) == (b"ok", False)


@pytest.mark.parametrize(
    "stream",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\nx: " + b"x" * HEAD_BYTES,
    ],
)
def test_what_is_no_answer_or_too_much_is_refused(stream: bytes) -> None:
    with pytest.raises(NoAnswer):
        read(stream, [1000])


def test_a_304_has_no_body_whatever_it_says() -> None:
    answer, _ = read(b"HTTP/1.1 304 Not\r\nContent-Length: 5\r\n\r\n", [100])
    assert answer is not None
    assert answer.body == b""
