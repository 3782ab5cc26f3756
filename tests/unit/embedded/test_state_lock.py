"""One stack at a time on a state folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sightglass_embedded.state_lock import AlreadyRunning, holder, state_lock


def test_a_second_one_is_refused_and_told_by_whom(tmp_path: Path) -> None:
    with state_lock(tmp_path), pytest.raises(AlreadyRunning, match=f"pid {os.getpid()}"), state_lock(tmp_path):
        pytest.fail("both hold it")
    assert holder(tmp_path) is None


def test_a_killed_holder_frees_it(tmp_path: Path) -> None:
    hold = (
        "import sys, time, pathlib; from sightglass_embedded.state_lock import state_lock\n"
        "with state_lock(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen((sys.executable, "-c", hold, str(tmp_path)), stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        assert holder(tmp_path) == other.pid
        other.kill()
        other.wait()
    assert holder(tmp_path) is None


def test_asking_who_holds_it_makes_no_folder(tmp_path: Path) -> None:
    assert holder(tmp_path / "new") is None
    assert not (tmp_path / "new").exists()
