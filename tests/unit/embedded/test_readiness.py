"""When a child counts as ready."""

import sys
from pathlib import Path

import pytest

from sightglass_embedded.output import LogFile, Tee
from sightglass_embedded.process import Command, Process
from sightglass_embedded.readiness import NotReady, until_ready


async def test_a_child_that_has_ended_is_not_ready_though_another_answers_on_its_port(tmp_path: Path) -> None:
    output = Tee("child", LogFile(tmp_path / "child.log"), None)
    process = await Process.start(Command(argv=[sys.executable, "-c", "raise SystemExit(7)"], env={}), output)
    await process.wait()

    async def answered() -> bool:
        return True

    with pytest.raises(NotReady, match="exit code 7"):
        await until_ready("child", process, answered, timeout_s=60)
