"""The embedded stack's processes: who runs, and how much memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sightglass_client.processes import pss_bytes, stacks

BOOT = "boot-1"


def a_proc(root: Path, *processes: tuple[int, int, int]) -> Path:
    """A /proc of (pid, parent, kB of memory); each started at its pid."""
    (root / "sys/kernel/random").mkdir(parents=True)
    (root / "sys/kernel/random/boot_id").write_text(f"{BOOT}\n")
    for pid, parent, kb in processes:
        (root / str(pid)).mkdir()
        (root / str(pid) / "stat").write_text(f"{pid} (a (b) c) S {parent} {'0 ' * 17}{pid} 0 0")
        (root / str(pid) / "smaps_rollup").write_text(
            f"55-7f ---p [rollup]\nRss: 999999 kB\nPss: {kb} kB\nPss_Anon: 5 kB\n"
        )
    return root


def a_run_file(state: Path, children: list[dict[str, object]]) -> None:
    (state / "dev").mkdir(parents=True)
    content = {"pid": 10, "started": f"{BOOT}/10", "children": children}
    (state / "dev/run.json").write_text(json.dumps(content))


def a_child(name: str, pid: int, started: int) -> dict[str, object]:
    return {"name": name, "pid": pid, "port": 5000 + pid, "started": f"{BOOT}/{started}"}


def test_memory_is_counted_once_over_the_trees(tmp_path: Path) -> None:
    proc = a_proc(tmp_path / "proc", (10, 1, 100), (11, 10, 200), (12, 11, 30), (13, 10, 4), (99, 1, 5000))
    a_run_file(tmp_path / "state", [a_child("postgres", 11, 11), a_child("api", 13, 13)])
    [stack] = stacks(tmp_path / "state", proc)
    found = {process.name: process.memory_bytes for process in stack.processes}
    assert found == {"supervisor": 100 * 1024, "postgres": 230 * 1024, "api": 4 * 1024}
    assert stack.running
    assert stack.memory_bytes == 334 * 1024


def test_a_pid_that_was_used_again_is_no_process_of_ours(tmp_path: Path) -> None:
    proc = a_proc(tmp_path / "proc", (10, 1, 100), (11, 1, 200))
    a_run_file(tmp_path / "state", [a_child("postgres", 11, 7), a_child("api", 13, 13)])
    [stack] = stacks(tmp_path / "state", proc)
    assert [(process.name, process.alive) for process in stack.processes] == [
        ("supervisor", True),
        ("postgres", False),
        ("api", False),
    ]
    assert stack.memory_bytes == 100 * 1024


@pytest.mark.parametrize("content", ["", "[]", '{"children": 3}', '{"pid": 1, "children": [{"name": "x"}]}'])
def test_a_damaged_run_file_is_a_stack_that_does_not_run(tmp_path: Path, content: str) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/run.json").write_text(content)
    [stack] = stacks(tmp_path)
    assert not stack.running


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's /proc")
def test_the_memory_of_a_real_process_is_read() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        memory = pss_bytes([child.pid, os.getpid()])
        assert memory is not None
        assert memory > 1_000_000
        child.communicate(b"\n")
    assert pss_bytes([child.pid]) == 0
