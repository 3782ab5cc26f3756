"""The S3 and SQS that the stack uses: LocalStack's or real ones."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightglass_embedded.localstack import ACCESS_KEY, REGION

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

    from sightglass_common.sqs import Sqs


@dataclass(frozen=True)
class Aws:
    """Where AWS is (`endpoint_url` None: at its own addresses), and what services need beside their environment."""

    endpoint_url: str | None
    environ: Mapping[str, str]

    @classmethod
    def stand_in(cls, endpoint_url: str) -> "Aws":
        """LocalStack's."""
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": ACCESS_KEY}
        place = {"AWS_ENDPOINT_URL": endpoint_url, "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION}
        return cls(endpoint_url, keys | place)

    @classmethod
    def named_in(cls, environ: Mapping[str, str]) -> "Aws":
        """The one that the environment names, with the caller's own credentials and region."""
        # An empty address means AWS itself, and is no address for a service to inherit.
        return cls(
            environ.get("AWS_ENDPOINT_URL") or None, {n: v for n, v in environ.items() if n.startswith("AWS_") and v}
        )

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[tuple["S3Client", "Sqs"]]:
        """Clients of both."""
        from aiobotocore.session import get_session  # noqa: PLC0415  # a second of import, needed late

        from sightglass_common.aws import open_s3, open_sqs  # noqa: PLC0415

        session = get_session()
        if key := self.environ.get("AWS_ACCESS_KEY_ID"):
            session.set_credentials(
                key, self.environ.get("AWS_SECRET_ACCESS_KEY", ""), self.environ.get("AWS_SESSION_TOKEN")
            )
        session.set_config_variable("region", self.environ.get("AWS_REGION") or self.environ.get("AWS_DEFAULT_REGION"))
        async with (
            open_s3(self.endpoint_url, session=session) as s3,
            open_sqs(self.endpoint_url, session=session) as sqs,
        ):
            yield s3, sqs
