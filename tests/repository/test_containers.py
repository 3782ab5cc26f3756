"""The compose files and Dockerfiles, read back: no container engine runs here."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.conftest import ROOT

from sightglass_api.settings import ApiSettings
from sightglass_chat.settings import ChatSettings
from sightglass_common.migrations.__main__ import MigrationSettings
from sightglass_scanner.settings import ScannerSettings
from sightglass_worker.settings import WorkerSettings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "infra/compose/compose.yaml").read_text("utf-8"))
DEV: dict[str, Any] = yaml.safe_load((ROOT / "infra/compose/dev.yaml").read_text("utf-8"))
SETTINGS = {
    "api": ApiSettings,
    "relay": ApiSettings,
    "provision": ApiSettings,
    "migrate": MigrationSettings,
    "worker": WorkerSettings,
    "scanner": ScannerSettings,
    "chat": ChatSettings,
}
DOCKERFILES = sorted(ROOT.glob("services/*/Dockerfile"))


def test_every_service_has_its_dockerfile() -> None:
    assert [p.parent.name for p in DOCKERFILES] == [
        p.parent.name for p in sorted(ROOT.glob("services/*/pyproject.toml"))
    ]


@pytest.mark.parametrize("name", SETTINGS)
def test_a_service_gets_settings_that_it_knows_and_all_that_it_needs(name: str) -> None:
    settings = SETTINGS[name]
    given = {key for key in COMPOSE["services"][name]["environment"] if key.startswith("SIGHTGLASS_")}
    known = {f"SIGHTGLASS_{field.upper()}": info.is_required() for field, info in settings.model_fields.items()}
    assert given <= set(known)
    assert {key for key, required in known.items() if required} <= given


def test_nothing_is_reachable_from_another_machine() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_services_start_when_what_they_need_is_there() -> None:
    for name in ("api", "relay", "worker", "scanner", "chat"):
        needs = COMPOSE["services"][name]["depends_on"]
        assert {key: value["condition"] for key, value in needs.items()} == {
            "migrate": "service_completed_successfully",
            "provision": "service_completed_successfully",
        }
    for name, service in COMPOSE["services"].items():
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in COMPOSE["services"][needed], f"{name} waits for {needed} for ever"


def test_the_overlay_mounts_source_that_is_there_and_runs_what_the_service_runs() -> None:
    for name, service in DEV["services"].items():
        assert service["build"]["target"] == "dev"
        module = service["command"][0].split(" -m ")[1].split()[0]
        assert module in (
            ROOT / f"services/{name if name in {'worker', 'scanner', 'chat'} else 'api'}/Dockerfile"
        ).read_text("utf-8")
        for volume in service["volumes"]:
            assert (ROOT / "infra/compose" / volume.split(":")[0]).is_dir()


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda p: p.parent.name)
def test_an_image_has_stages_a_user_and_its_own_lock(dockerfile: Path) -> None:
    text = dockerfile.read_text("utf-8")
    final = text.split("FROM ${BASE_IMAGE}\n")[-1]
    assert text.count("FROM ") >= 3
    assert re.search(r"^USER 10001$", final, re.MULTILINE)
    assert f"requirements/{dockerfile.parent.name}.lock" in text
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in source.split())


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda p: p.parent.name)
def test_bytecode_is_made_with_an_image_as_none_is_written_later(dockerfile: Path) -> None:
    build, *_, final = dockerfile.read_text("utf-8").split("FROM ${BASE_IMAGE}")[1:]
    assert "PYTHONDONTWRITEBYTECODE=1" in final
    assert re.search(r"^ENV .*\bUV_COMPILE_BYTECODE=1\b", build, re.MULTILINE)
