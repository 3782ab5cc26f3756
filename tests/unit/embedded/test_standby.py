"""A process that waits to be told which module to be."""

import os
import subprocess
import sys
from pathlib import Path

from sightglass_embedded.standby import order

STANDBY = (sys.executable, "-m", "sightglass_embedded.standby", "json,no_such_library")


def test_it_becomes_the_module_with_its_words_and_its_environment_alone(tmp_path: Path) -> None:
    module = tmp_path / "told.py"
    module.write_text("import os, sys; print(__name__, sys.argv[1:], sorted(os.environ), sys.stdin.read() == '')")
    told = subprocess.run(
        STANDBY,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        input=order("told", ["serve", "two words"], {"A": "1"}),
        capture_output=True,
        check=True,
    )
    assert told.stdout.decode().split("\n")[0] == "__main__ ['serve', 'two words'] ['A'] True"


def test_it_ends_when_nobody_is_left_to_tell_it_anything() -> None:
    assert subprocess.run(STANDBY, input=b"", check=False).returncode == 0
