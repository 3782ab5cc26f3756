"""Settings of the scanner."""

import os

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr

from sightglass_common.settings import Settings

_LEAST_KEY_CHARS = 16


class ScannerSettings(Settings):
    """What the scanner needs beyond what every service needs."""

    finding_key: SecretStr = Field(
        min_length=_LEAST_KEY_CHARS,
        description="Secret of which each tenant's key for the hashes of found values is made, the same for all "
        "scanners. With another one, values that were found before are not known again.",
    )
    slots: NonNegativeInt = Field(default=0, description="Batches read at once; 0: one for each core.")
    lease_s: PositiveFloat = Field(
        default=30.0, description="Seconds without a sign of life after which another scanner may take a batch."
    )
    visibility_timeout_s: PositiveInt = Field(
        default=30, le=43_200, description="Seconds after which a killed scanner's message is delivered again."
    )
    receive_wait_s: NonNegativeInt = Field(
        default=5, le=20, description="Length of a long poll; a stop waits for the one under way."
    )
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
