"""Creates the bucket and the queues where there is no infrastructure that made them."""

import asyncio
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from sightglass_common.aws import open_s3, open_sqs
from sightglass_common.provision import provision_bucket, provision_queues
from sightglass_common.settings import from_environment

_DONE: Final = "queues and bucket are there"


class ProvisionSettings(BaseSettings):
    """What is created; no database is needed for it."""

    model_config = SettingsConfigDict(env_prefix="SIGHTGLASS_", extra="ignore", frozen=True)

    bucket: str = Field(default="sightglass", description="The platform's own bucket: uploads and artifacts.")
    queue_prefix: str = Field(default="", description="Put before every queue's name.")


def provision() -> str:
    """Create what is missing; what is there is left as it is."""
    asyncio.run(_provision(from_environment(ProvisionSettings)))
    return _DONE


async def _provision(settings: ProvisionSettings) -> None:
    async with open_s3() as s3, open_sqs() as sqs:
        await provision_bucket(s3, settings.bucket)
        await provision_queues(sqs, settings.queue_prefix)
