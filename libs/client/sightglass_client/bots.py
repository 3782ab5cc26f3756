"""Bots: what the API answers of them, typed, and the calls about them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sightglass_client.answer import Answer
from sightglass_client.answers import read
from sightglass_client.connection import Connection
from sightglass_client.errors import NoSuchBot
from sightglass_client.session import segment


class BotVersion(Answer):
    """What a bot was told, at one time. dataset_ids: None for all of the tenant's.

    provider_id: of the provider that is asked first. model, temperature: in place of its own. language: of answers.
    """

    version: int
    description: str = ""
    greeting: str = ""
    dataset_ids: tuple[str, ...] | None = None
    provider_id: str | None = None
    model: str | None = None
    system_prompt: str = ""
    temperature: float | None = None
    language: str | None = None
    allowed_origins: tuple[str, ...] = ()
    created_at: datetime


class Bot(BotVersion):
    """A bot as it stands."""

    bot_id: str
    name: str


class PublishableKey(Answer):
    """A key for pages in the open: it asks one bot, from these origins, and nothing else."""

    key_id: str
    key: str
    bot_id: str
    origins: tuple[str, ...]
    questions_a_day: int
    created_at: datetime


class PublishableKeys(Answer):
    """A bot's publishable keys."""

    items: tuple[PublishableKey, ...]


class Bots(Connection):
    """The part of `Sightglass` that is about bots."""

    def create_bot(
        self,
        name: str,
        *,
        description: str = "",
        greeting: str = "",
        dataset_ids: Sequence[str] | None = None,
        **manner: object,
    ) -> Bot:
        """Make a bot. dataset_ids: what it answers from; default, all of the tenant's.

        manner: how it answers, by the names of `Bot`'s fields: provider_id, model, system_prompt, and so on.
        """
        body = {"name": name, "description": description, "greeting": greeting}
        ids = None if dataset_ids is None else list(dataset_ids)
        return read(Bot, self._session.post("/v1/bots", {**body, "dataset_ids": ids, **manner}))

    def change_bot(self, bot_id: str, **changes: object) -> Bot:
        """Change a bot, by the names of `Bot`'s fields. Conversations that have begun keep to what it was."""
        return read(Bot, self._session.patch(f"/v1/bots/{segment(bot_id)}", changes))

    def bots(self, *, page_size: int = 50) -> Iterator[Bot]:
        """Bots, newest first, fetched page by page."""
        return self._session.each(Bot, "/v1/bots", limit=page_size)

    def bot(self, name_or_id: str) -> Bot:
        """One bot, by its id or else by its name. Raises NoSuchBot."""
        every = list(self.bots(page_size=200))
        found = next((one for one in every if one.bot_id == name_or_id), None)
        found = found or next((one for one in every if one.name == name_or_id), None)
        if found is None:
            raise NoSuchBot(f"There is no bot {name_or_id!r}.", hint="`sightglass bots` lists them.")
        return found

    def bot_versions(self, bot_id: str) -> Iterator[BotVersion]:
        """What a bot was told, the newest first."""
        return self._session.each(BotVersion, f"/v1/bots/{segment(bot_id)}/versions")

    def delete_bot(self, bot_id: str) -> None:
        """End a bot: it takes no more questions. What was said with it stays."""
        self._session.delete(f"/v1/bots/{segment(bot_id)}")

    def publish_bot(self, bot_id: str, origins: Sequence[str], *, questions_a_day: int = 1000) -> PublishableKey:
        """Let visitors of pages of these origins ask a bot, all together so often in a day."""
        body = {"origins": list(origins), "questions_a_day": questions_a_day}
        return read(PublishableKey, self._session.post(f"/v1/bots/{segment(bot_id)}/publishable-keys", body))

    def publishable_keys(self, bot_id: str) -> tuple[PublishableKey, ...]:
        """A bot's publishable keys, the newest first."""
        return self._session.get_as(PublishableKeys, f"/v1/bots/{segment(bot_id)}/publishable-keys").items

    def revoke_publishable_key(self, bot_id: str, key_id: str) -> None:
        """End a key: pages that carry it ask no more."""
        self._session.delete(f"/v1/bots/{segment(bot_id)}/publishable-keys/{segment(key_id)}")
