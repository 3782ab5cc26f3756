"""A fake API, and a session and a client that speak to it without a network or a pause."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.client.fake_api import API, KEY, FakeApi

from sightglass_client.client import Sightglass
from sightglass_client.config import Config
from sightglass_client.session import Session


def no_pause(_: float) -> None:
    """Return at once."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of this machine is seen: no configuration, no cache, and another folder to be in."""
    for name in ("SIGHTGLASS_URL", "SIGHTGLASS_API_KEY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def session(api: FakeApi) -> Iterator[Session]:
    opened = Session(Config(API, KEY), transport=api.transport, sleep=no_pause)
    yield opened
    opened.close()


@pytest.fixture
def client(api: FakeApi) -> Iterator[Sightglass]:
    with Sightglass(API, KEY, transport=api.transport) as opened:
        opened._session.sleep = no_pause
        yield opened
