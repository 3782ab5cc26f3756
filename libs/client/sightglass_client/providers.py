"""Providers of models: what the API answers of them, typed, and the calls about them."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from sightglass_client.answer import Answer
from sightglass_client.answers import read
from sightglass_client.connection import Connection
from sightglass_client.errors import NoSuchProvider, WaitTimedOut
from sightglass_client.session import segment

_LOOK_EVERY_S: Final = 0.5


class Provider(Answer):
    """A provider as it stands. tokens_a_month: None for no limit."""

    provider_id: str
    name: str
    kind: str
    base_url: str
    model: str
    has_key: bool
    rank: int
    enabled: bool
    tokens_a_month: int | None = None
    tokens_this_month: int = 0


class TestResult(Answer):
    """What works of a provider; None: it is not known. detail: what does not."""

    works: bool
    reachable: bool | None = None
    key_accepted: bool | None = None
    model_known: bool | None = None
    streams: bool | None = None
    tokens_told: bool | None = None
    first_word_ms: int | None = None
    whole_ms: int | None = None
    reason: str | None = None
    detail: str | None = None


class ProviderTest(Answer):
    """A test of a provider. result: None before it is done."""

    test_id: str
    status: str
    asked_at: datetime
    result: TestResult | None = None


class Providers(Connection):
    """The part of `Sightglass` that is about providers. platform: those for all tenants (platform_admin)."""

    def add_provider(self, name: str, kind: str, model: str, *, platform: bool = False, **more: object) -> Provider:
        """Add a provider. kind: openai, anthropic or bedrock. more: base_url, region, api_key, rank, and so on."""
        body = {"name": name, "kind": kind, "model": model, **more}
        return read(Provider, self._session.post(_path(platform=platform), body))

    def providers(self, *, platform: bool = False, page_size: int = 50) -> Iterator[Provider]:
        """Providers, newest first, fetched page by page."""
        return self._session.each(Provider, _path(platform=platform), limit=page_size)

    def provider(self, name_or_id: str, *, platform: bool = False) -> Provider:
        """One provider, by its id or else by its name. Raises NoSuchProvider."""
        every = list(self.providers(platform=platform, page_size=200))
        found = next((one for one in every if one.provider_id == name_or_id), None)
        found = found or next((one for one in every if one.name == name_or_id), None)
        if found is None:
            raise NoSuchProvider(f"There is no provider {name_or_id!r}.", hint="`sightglass providers` lists them.")
        return found

    def change_provider(self, provider_id: str, *, platform: bool = False, **changes: object) -> Provider:
        """Change a provider, by the names of fields."""
        return read(Provider, self._session.patch(_path(provider_id, platform=platform), changes))

    def delete_provider(self, provider_id: str, *, platform: bool = False) -> None:
        """Remove a provider, and its key for good."""
        self._session.delete(_path(provider_id, platform=platform))

    def test_provider(
        self,
        provider_id: str,
        *,
        platform: bool = False,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> TestResult:
        """See what works of a provider; it is asked for one word. timeout: in seconds. Raises WaitTimedOut."""
        path = f"{_path(provider_id, platform=platform)}/test"
        # A repetition finds what the first call has begun.
        test = read(ProviderTest, self._session.post(path, repeatable=True))
        for _ in range(int(timeout / _LOOK_EVERY_S)):
            if test.result is not None:
                break
            sleep(_LOOK_EVERY_S)
            test = self._session.get_as(ProviderTest, path)
        if test.result is None:
            raise WaitTimedOut(f"The test is not over after {timeout:g} s.", hint="Is chat running?")
        return test.result


def _path(provider_id: str | None = None, *, platform: bool) -> str:
    every = "/v1/admin/providers" if platform else "/v1/providers"
    return every if provider_id is None else f"{every}/{segment(provider_id)}"
