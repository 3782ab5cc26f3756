"""Settings of chat."""

import os

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from sightglass_common.settings import Settings


class ChatSettings(Settings):
    """What chat needs beyond what every service needs."""

    embedding_threads: NonNegativeInt = Field(
        default=0, description="Threads that make vectors of texts; 0: one for each core."
    )
    turns: PositiveInt = Field(default=4, description="Questions that are answered at once.")
    lease_s: PositiveFloat = Field(
        default=30.0, description="Seconds without a sign of life after which another process may take a source."
    )
    visibility_timeout_s: PositiveInt = Field(
        default=30, le=43_200, description="Seconds after which a killed process' message is delivered again."
    )
    receive_wait_s: NonNegativeInt = Field(
        default=5, le=20, description="Length of a long poll; a stop waits for the one under way."
    )

    @property
    def embedding_thread_count(self) -> int:
        """Threads that make vectors of texts."""
        return self.embedding_threads or os.cpu_count() or 1
