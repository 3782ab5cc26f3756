"""Settings of chat."""

import os

from pydantic import Field, NonNegativeInt, PositiveInt

from sightglass_common.settings import ConsumerSettings


class ChatSettings(ConsumerSettings):
    """What chat needs beyond what every service that consumes queues needs."""

    embedding_threads: NonNegativeInt = Field(
        default=0, description="Threads that make vectors of texts; 0: one for each core."
    )
    turns: PositiveInt = Field(default=4, description="Questions that are answered at once.")

    @property
    def embedding_thread_count(self) -> int:
        """Threads that make vectors of texts."""
        return self.embedding_threads or os.cpu_count() or 1
