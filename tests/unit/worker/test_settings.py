"""The worker's settings: what a provider of labels needs is said by the name of its variable."""

import pytest

from sightglass_common.settings import from_environment
from sightglass_worker.settings import WorkerSettings

NEEDS = [
    ("bedrock", {}, "SIGHTGLASS_LABEL_MODEL"),
    ("openai", {"MODEL": "m"}, "SIGHTGLASS_LABEL_BASE_URL"),
    ("anthropic", {"MODEL": "m", "BASE_URL": "http://127.0.0.1"}, "SIGHTGLASS_LABEL_API_KEY"),
]


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTGLASS_DATABASE_URL", "postgresql://127.0.0.1/db")


def test_labels_are_off_by_default() -> None:
    assert from_environment(WorkerSettings).label_provider == "off"


@pytest.mark.parametrize(("name", "given", "needed"), NEEDS, ids=[name for name, _, _ in NEEDS])
def test_what_a_provider_needs_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, given: dict[str, str], needed: str
) -> None:
    monkeypatch.setenv("SIGHTGLASS_LABEL_PROVIDER", name)
    for variable, value in given.items():
        monkeypatch.setenv(f"SIGHTGLASS_LABEL_{variable}", value)
    with pytest.raises(SystemExit) as caught:
        from_environment(WorkerSettings)
    assert str(caught.value).endswith(f"\n  SIGHTGLASS_LABEL_PROVIDER={name} needs {needed}.")


def test_what_is_set_becomes_the_limits_of_an_analysis_and_the_key_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable, value in {"FRAMES_PER_SCENE": "3", "FRAMES": "7", "CALLS": "8", "API_KEY": "hidden"}.items():
        monkeypatch.setenv(f"SIGHTGLASS_LABEL_{variable}", value)
    settings = from_environment(WorkerSettings)
    limits = settings.label_limits
    assert (limits.frames_per_scene, limits.frames, limits.calls) == (3, 7, 8)
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize("count", ["0", "4"])
def test_a_scene_is_shown_by_one_to_three_frames(monkeypatch: pytest.MonkeyPatch, count: str) -> None:
    monkeypatch.setenv("SIGHTGLASS_LABEL_FRAMES_PER_SCENE", count)
    with pytest.raises(SystemExit, match="SIGHTGLASS_LABEL_FRAMES_PER_SCENE: "):
        from_environment(WorkerSettings)
