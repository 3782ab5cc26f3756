"""Which children a change of code concerns."""

from pathlib import Path

import pytest

from sightglass_embedded.reload import children_of, source_folders


@pytest.mark.parametrize(
    ("package", "children"),
    [
        ("sightglass_api", ["api", "relay"]),
        ("sightglass_worker", ["worker"]),
        ("sightglass_common", ["api", "chat", "relay", "scanner", "worker"]),
        ("sightglass_retrieval", ["api", "chat"]),
        ("sightglass_detect", ["chat", "scanner"]),
    ],
)
def test_only_the_children_that_import_the_changed_package_restart(package: str, children: list[str]) -> None:
    folders = source_folders()
    assert children_of([folders[package] / "deep" / "changed.py"], folders) == children


def test_a_change_elsewhere_restarts_nothing(tmp_path: Path) -> None:
    assert children_of([tmp_path / "changed.py"], source_folders()) == []
