"""Whatever becomes of the child that reads, the scanner lives, gets what was read before, and is told."""

import gzip
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.processes import children, over
from tests.unit.scanner.readers.looking import look
from tests.unit.scanner.readers.packing import NEEDLE, zipped

from sightglass_common.sandbox.forks import Forked
from sightglass_scanner.readers.forks import FORKS
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.reader import read
from sightglass_scanner.readers.reading import Ended, Piece, Skipped, SkipReason, Text
from sightglass_scanner.readers.source import BytesSource

TEXT = b"mail " + NEEDLE.encode() + b"\n"
TWO = zipped({"a.txt": TEXT, "b.txt": TEXT})


def rest_after(pieces: Sequence[Piece | Ended]) -> list[SkipReason]:
    return [piece.reason for piece in pieces if isinstance(piece, Skipped)]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (signal.SIGKILL, SkipReason.MEMORY),
        (signal.SIGXCPU, SkipReason.TIMEOUT),
        (signal.SIGSEGV, SkipReason.CRASHED),
        (signal.SIGABRT, SkipReason.MEMORY),
    ],
)
def test_a_child_that_dies_is_reported_after_what_it_had_read(
    monkeypatch: pytest.MonkeyPatch, how: signal.Signals, reason: SkipReason
) -> None:
    forks: list[Forked] = []
    fork = FORKS.fork

    def recorded(talk: socket.socket) -> Forked:
        forks.append(fork(talk))
        return forks[-1]

    monkeypatch.setattr(FORKS, "fork", recorded)
    many = zipped({f"{n}.txt": TEXT * 4000 for n in range(20)})
    pieces = read(BytesSource(many), Limits())
    first = next(pieces)
    assert isinstance(first, Text)
    os.kill(forks[0].pid, how)
    rest = list(pieces)
    assert rest_after(rest) == [reason]
    assert isinstance(rest[-1], Skipped)


def test_the_next_object_is_read_after_the_fork_server_was_killed() -> None:
    look(TWO)
    assert FORKS.pid is not None
    os.kill(FORKS.pid, signal.SIGKILL)
    assert [place.member for place in look(TWO, NEEDLE).places[NEEDLE]] == ["a.txt", "b.txt"]


def test_a_child_has_no_environment_of_ours_and_no_descriptors_but_its_socket() -> None:
    seen: list[tuple[set[bytes], list[str]]] = []

    class Looking(BytesSource):
        def read(self, offset: int, length: int, /) -> bytes:
            # It asks for bytes, so all that it imports is open no more.
            for pid in children(FORKS.pid):
                descriptors = sorted(path.name for path in Path(f"/proc/{pid}/fd").iterdir())
                names = {line.split(b"=")[0] for line in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") if line}
                seen.append((names, descriptors))
            return super().read(offset, length)

    list(read(Looking(TWO), Limits()))
    assert seen[-1] == ({b"OMP_NUM_THREADS", b"ARROW_DEFAULT_MEMORY_POOL", b"MALLOC_ARENA_MAX"}, ["0", "1", "2"])


SCANNER = """
from tests.unit.scanner.readers.test_child import TWO
from sightglass_scanner.readers.forks import FORKS
from sightglass_scanner.readers.limits import Limits
from sightglass_scanner.readers.reader import read
from sightglass_scanner.readers.source import BytesSource
from tests.processes import children
import sys

class Asked(BytesSource):
    def read(self, offset, length, /):
        if pids := children(FORKS.pid) if FORKS.pid else ():
            print(*pids, FORKS.pid, flush=True)
            sys.stdin.read()
        return super().read(offset, length)

list(read(Asked(TWO), Limits()))
"""


def test_no_child_outlives_a_scanner_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCANNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as scanner:
        assert scanner.stdout is not None
        *pids, server = [int(pid) for pid in scanner.stdout.readline().split()]
        watched = [os.pidfd_open(pid) for pid in (*pids, server)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)  # so that it cannot end by itself
        scanner.kill()
    assert [over(one) for one in watched] == [True, True]


def test_time_is_limited() -> None:
    # 200 MB in far less time than that takes.
    bomb = gzip.compress(gzip.compress(b"0" * 200_000_000, 1), 1)
    found = look(bomb, limits=Limits(wall_s=0.05, ratio=10**6))
    assert [s.reason for s in found.skipped] == [SkipReason.TIMEOUT]


def test_a_child_has_its_limits_when_it_asks_for_the_first_byte() -> None:
    seen: list[str] = []

    class Looking(BytesSource):
        def read(self, offset: int, length: int, /) -> bytes:
            seen.extend(Path(f"/proc/{pid}/limits").read_text() for pid in children(FORKS.pid))
            return super().read(offset, length)

    list(read(Looking(TWO), Limits(cpu_s=17)))
    limits = [" ".join(line.split()) for line in seen[0].splitlines()]
    for limit in ("cpu time 17 18", "file size 0 0", "core file size 0 0", "processes 0 0", "open files 3 3"):
        assert any(line.startswith(f"Max {limit} ") for line in limits), limit


def test_memory_is_limited() -> None:
    held = zipped({"in.zip": zipped({"x": bytes(100_000_000)}, compression=0)}, compression=8)
    limits = Limits(memory_bytes=64 * 1024**2, held_bytes=10**9, ratio=10**6)
    assert [s.reason for s in look(held, limits=limits).skipped] == [SkipReason.MEMORY]


def test_what_the_source_raises_is_raised() -> None:
    class Failing(BytesSource):
        def read(self, offset: int, length: int, /) -> bytes:
            if offset:
                raise TimeoutError
            return super().read(offset, length)[:30]

    with pytest.raises(TimeoutError):
        list(read(Failing(TWO), Limits()))


def test_reading_can_be_given_up() -> None:
    pieces = read(BytesSource(zipped({f"{n}.txt": TEXT * 4000 for n in range(20)})), Limits())
    next(pieces)
    pieces.close()  # pyright: ignore[reportAttributeAccessIssue]


def test_places_can_be_asked_for_until_the_iterator_ends_and_not_after() -> None:
    texts: list[Text] = []
    ended = False
    for piece in read(BytesSource(TWO), Limits()):
        if isinstance(piece, Text):
            texts.append(piece)
        ended = isinstance(piece, Ended)
        assert texts[0].locate(5, 20).member == "a.txt"
    assert ended
    with pytest.raises(LookupError):
        texts[0].locate(5, 20)


def test_objects_are_read_by_several_threads_at_once() -> None:
    results: list[int] = []

    def work() -> None:
        results.extend(len(look(TWO, NEEDLE).places[NEEDLE]) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [2] * 20


def test_no_descriptor_is_left_open() -> None:
    look(TWO)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        look(TWO)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
