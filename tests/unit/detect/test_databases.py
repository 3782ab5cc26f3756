"""Compiled databases on disk."""

from pathlib import Path

import pytest

from sightglass_detect.engine import databases
from sightglass_detect.engine.databases import Database


def _file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_a_database_is_compiled_once_and_then_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Database(["ab+", "c"], tmp_path).hits(b"abbc") == [(0, 2), (0, 3), (1, 4)]
    monkeypatch.delattr(databases, "_compiled")
    assert Database(["ab+", "c"], tmp_path).hits(b"abbc") == [(0, 2), (0, 3), (1, 4)]


def test_a_database_on_disk_is_read_at_the_first_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Database(["a"], tmp_path)
    monkeypatch.delattr(databases, "_loaded")
    database = Database(["a"], tmp_path)
    with pytest.raises(NameError):
        database.hits(b"ba")
    monkeypatch.undo()
    assert database.hits(b"ba") == [(0, 2)]


def test_other_expressions_have_a_database_of_their_own(tmp_path: Path) -> None:
    Database(["a"], tmp_path)
    assert Database(["b"], tmp_path).hits(b"ab") == [(0, 2)]


@pytest.mark.parametrize("content", [b"", b"x" * 100, None])
def test_a_broken_database_is_made_anew(tmp_path: Path, content: bytes | None) -> None:
    Database(["a"], tmp_path)
    whole = _file(tmp_path).read_bytes()
    _file(tmp_path).write_bytes(whole[:-1] if content is None else content)
    assert Database(["a"], tmp_path).hits(b"ba") == [(0, 2)]
    assert _file(tmp_path).read_bytes()[:4] == whole[:4]
    assert len(_file(tmp_path).read_bytes()) == len(whole)


def test_a_folder_that_cannot_be_written_costs_time_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert Database(["a"], tmp_path / "file" / "cache").hits(b"a") == [(0, 1)]
