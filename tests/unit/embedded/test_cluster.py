"""The files of a Postgres cluster, without a server."""

import os
from pathlib import Path

import pytest

from sightglass_embedded.cluster import Cluster, ClusterFailed, bin_dir_of
from sightglass_embedded.output import LogFile
from sightglass_embedded.unprivileged import Unprivileged


def a_cluster(folder: Path) -> Cluster:
    (folder / "data").mkdir()
    (folder / "data" / "PG_VERSION").write_text("18\n")
    return Cluster(
        folder=folder,
        bin_dir=bin_dir_of({}),
        run_as=Unprivileged(),
        log=LogFile(folder / "log"),
        durable=True,
    )


@pytest.mark.parametrize("content", [f"{os.getpid()}\n/elsewhere\n", "", "999999999\n"], ids=["alive", "empty", "gone"])
async def test_a_lock_file_with_a_strangers_pid_is_removed(tmp_path: Path, content: str) -> None:
    cluster = a_cluster(tmp_path)
    lock = cluster.data / "postmaster.pid"
    lock.write_text(content)
    await cluster.prepare()
    assert not lock.exists()


def test_a_lost_password_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClusterFailed, match="superuser-password is missing"):
        _ = a_cluster(tmp_path).password


def test_a_folder_without_postgres_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClusterFailed, match="SIGHTGLASS_PG_BIN"):
        bin_dir_of({"SIGHTGLASS_PG_BIN": str(tmp_path)})
