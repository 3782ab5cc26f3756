"""Makes the clients of S3 and SQS. Imported beside the start (see opening.py)."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from sightglass_api.context import Aws
from sightglass_api.s3_objects import S3Objects
from sightglass_api.settings import ApiSettings
from sightglass_common.aws import open_s3, open_sqs
from sightglass_common.clock import SystemClock

# A person waits: after two tries, 503 and `Retry-After` are the better answer.
_ATTEMPTS = 2


@asynccontextmanager
async def open_clients(settings: ApiSettings) -> AsyncGenerator[Aws]:
    """S3 and SQS, closed on leaving. The SDK's own variables say where they are."""
    async with AsyncExitStack() as stack:
        s3 = await stack.enter_async_context(open_s3(attempts=_ATTEMPTS))
        signer = s3
        if settings.public_s3_url:
            signer = await stack.enter_async_context(open_s3(settings.public_s3_url))
        sqs = await stack.enter_async_context(open_sqs(attempts=_ATTEMPTS))
        yield Aws(S3Objects(s3, signer, SystemClock(), link_s=settings.link_s), sqs)
