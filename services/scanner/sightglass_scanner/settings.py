"""Settings of the scanner."""

import os

from pydantic import Field, NonNegativeInt, PositiveInt, SecretStr

from sightglass_common.settings import ConsumerSettings

_LEAST_KEY_CHARS = 16


class ScannerSettings(ConsumerSettings):
    """What the scanner needs beyond what every service that consumes queues needs."""

    finding_key: SecretStr = Field(
        min_length=_LEAST_KEY_CHARS,
        description="Secret of which each tenant's key for the hashes of found values is made, the same for all "
        "scanners. With another one, values that were found before are not known again.",
    )
    slots: NonNegativeInt = Field(default=0, description="Batches read at once; 0: one for each core.")
    page_objects: PositiveInt = Field(default=1000, le=1000, description="Objects of a page of a listing.")
    batch_objects: PositiveInt = Field(default=500, description="Objects of a batch at most.")
    batch_bytes: PositiveInt = Field(
        default=64 * 1024**2, description="Bytes of a batch at most; an object of more is a batch of its own."
    )
    max_document_chars: PositiveInt = Field(
        default=20_000_000, description="Characters of a dataset's document at most; one of more is skipped."
    )

    @property
    def slot_count(self) -> int:
        """Batches read at once: detection is CPU work."""
        return self.slots or os.cpu_count() or 1
