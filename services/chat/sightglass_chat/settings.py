"""Settings of chat."""

import os
from typing import Annotated

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, SecretStr

from sightglass_common.addresses import HOSTS_SETTING
from sightglass_common.settings import ConsumerSettings, is_half_of_a_pair


def _is_half_of_a_pair(key: SecretStr) -> SecretStr:
    return SecretStr(is_half_of_a_pair(key.get_secret_value()))


class ChatSettings(ConsumerSettings):
    """What chat needs beyond what every service that consumes queues needs."""

    embedding_threads: NonNegativeInt = Field(
        default=0, description="Threads that make vectors of texts; 0: one for each core."
    )
    turns: PositiveInt = Field(
        default=64, description="Questions that are under way at once: most wait for a model, or for their turn."
    )
    turns_at_work: PositiveInt = Field(default=4, description="Of these, those that chat itself works on at once.")
    provider_private_key: Annotated[SecretStr, AfterValidator(_is_half_of_a_pair)] = Field(
        default=SecretStr(""),
        description="Opens the keys of tenants' providers: a half of the pair that "
        "`python -m sightglass_common.provider_keys` makes. Without it, providers that need a key are not asked.",
    )
    provider_hosts: str = Field(default="", description=HOSTS_SETTING)
    history_tokens: NonNegativeInt = Field(
        default=2000, description="Of what was said before in a conversation, so much goes to a model."
    )

    @property
    def embedding_thread_count(self) -> int:
        """Threads that make vectors of texts."""
        return self.embedding_threads or os.cpu_count() or 1
