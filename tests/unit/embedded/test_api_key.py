"""The env file."""

import stat
from pathlib import Path

from sightglass_embedded.api_key import read_env, write_env


def test_what_is_written_is_read_and_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "env"
    write_env(path, url="http://127.0.0.1:8080", api_key="sg_1")
    write_env(path, url="http://127.0.0.1:8081", api_key="sg_2")
    assert read_env(path) == {"SIGHTGLASS_URL": "http://127.0.0.1:8081", "SIGHTGLASS_API_KEY": "sg_2"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["env"]


def test_no_file_has_no_variables(tmp_path: Path) -> None:
    assert read_env(tmp_path / "env") == {}
