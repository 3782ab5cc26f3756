"""What a confined process cannot do, whatever a file makes of it."""

import mmap
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sightglass_common.sandbox.confine import taken_bytes

CONFINED = """
import ctypes, os, resource, signal, socket, subprocess, sys
from sightglass_common.sandbox.confine import allow_cpu, allow_memory, confine, taken_bytes
film = os.open(sys.argv[1], os.O_RDWR)
os.dup2(film, 1)
os.close(film)
if os.getuid() == 0 and {as_nobody}:
    os.setresuid(65534, 65534, 65534)
confine(memory_bytes=taken_bytes() + (256 << 20), cpu_s=1, cpu_most_s=30)
try:
    {attempt}
except BaseException as error:
    os.write(2, type(error).__name__.encode())
else:
    os.write(2, b"done")
"""


def tried(attempt: str, folder: Path, *, as_nobody: bool = False) -> str:
    """How an attempt ends in a confined process whose standard output is a file: `done`, or an error's name."""
    film = folder / "film"
    film.write_bytes(b"film")
    code = CONFINED.format(attempt=attempt, as_nobody=as_nobody)
    done = subprocess.run([sys.executable, "-c", code, str(film)], stderr=subprocess.PIPE, check=False, text=True)
    assert film.read_bytes() == b"film"
    return done.stderr or str(signal.Signals(-done.returncode).name)


@pytest.mark.parametrize(
    ("attempt", "end"),
    [
        ("os.pread(1, 4, 0)", "done"),
        # linux/prctl.h: PR_GET_NO_NEW_PRIVS
        ("assert ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 1", "done"),
        ("open('/dev/null')", "OSError"),
        ("os.listdir('/proc')", "OSError"),
        ("os.dup(1)", "OSError"),
        ("socket.socket()", "OSError"),
        ("os.pwrite(1, b'mine', 0)", "OSError"),
        ("os.truncate(1, 9)", "OSError"),
        ("bytearray(192 << 20)", "done"),
        ("bytearray(256 << 20)", "MemoryError"),
        ("allow_memory(1 << 40); bytearray(256 << 20)", "MemoryError"),
        ("allow_memory(64 << 20); bytearray(192 << 20)", "MemoryError"),
        ("subprocess.run(['/bin/true'], check=True)", "OSError"),
        ("os.execv('/bin/sh', ['sh', '-c', 'echo theirs >&2'])", "no library"),
        ("resource.setrlimit(resource.RLIMIT_CPU, (31, 40))", "ValueError"),
        ("allow_cpu(32)", "ValueError"),
        ("allow_cpu(30)", "done"),
        ("while True: pass", "SIGXCPU"),
    ],
)
def test_a_confined_process_can_use_what_it_has_and_no_more(attempt: str, end: str, tmp_path: Path) -> None:
    told = tried(attempt, tmp_path)
    if end == "no library":
        assert "error while loading shared libraries" in told
    else:
        assert told == end


def test_a_confined_process_that_is_not_root_cannot_fork(tmp_path: Path) -> None:
    assert tried("os.fork()", tmp_path, as_nobody=True) == "BlockingIOError"


def test_what_is_taken_is_address_space_in_bytes() -> None:
    before = taken_bytes()
    with mmap.mmap(-1, 64 << 20):
        assert taken_bytes() - before >= 64 << 20
    assert taken_bytes() - before < 64 << 20


def test_a_process_that_starts_after_its_parents_end_does_not_stay() -> None:
    code = "from sightglass_common.sandbox.confine import die_with; die_with({})"
    gone = subprocess.run(
        [sys.executable, "-c", code.format(os.getppid())], capture_output=True, check=False, text=True
    )
    assert "ProcessLookupError" in gone.stderr
    subprocess.run([sys.executable, "-c", code.format(os.getpid())], check=True)
