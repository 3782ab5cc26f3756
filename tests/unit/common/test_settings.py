"""Settings come from the environment, and what is wrong with them is said by name."""

import pytest

from sightglass_common.settings import Settings, from_environment


def test_they_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTGLASS_DATABASE_URL", "postgresql://u:secret@127.0.0.1/db")
    monkeypatch.setenv("SIGHTGLASS_PORT", "9000")
    settings = from_environment(Settings)
    assert settings.port == 9000
    assert "secret" not in repr(settings)


def test_what_is_missing_or_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTGLASS_PORT", "many")
    with pytest.raises(SystemExit) as caught:
        from_environment(Settings)
    assert "SIGHTGLASS_DATABASE_URL: Field required" in str(caught.value)
    assert "SIGHTGLASS_PORT: " in str(caught.value)
