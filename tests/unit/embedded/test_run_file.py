"""run.json, and the processes that it names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sightglass_embedded.run_file import ChildRecord, RunFile, started

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


def test_a_child_that_was_left_is_ended(tmp_path: Path) -> None:
    run_file = RunFile(tmp_path / "run.json")
    with subprocess.Popen(SLEEP) as left:
        run_file.write([ChildRecord.of("api", left.pid, 1234)])
        assert run_file.end_leftovers() == ["api"]
        assert left.wait(10) != 0


def test_a_stranger_with_a_reused_pid_is_not_touched(tmp_path: Path) -> None:
    run_file = RunFile(tmp_path / "run.json")
    with subprocess.Popen(SLEEP) as stranger:
        earlier = f"{(started(stranger.pid) or '').rpartition('/')[0]}/1"
        run_file.write([ChildRecord(name="api", pid=stranger.pid, port=1, started=earlier)])
        assert run_file.end_leftovers() == []
        assert stranger.poll() is None
        stranger.kill()


def test_a_process_that_only_waits_to_be_reaped_does_not_live() -> None:
    with subprocess.Popen((sys.executable, "-c", "")) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        assert started(ended.pid) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"children": [{"name": "api"}]}'])
def test_a_damaged_file_names_nobody(tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)
    assert RunFile(path).end_leftovers() == []
