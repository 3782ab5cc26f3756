"""LocalStack as a child of the stack: filled after each start, copied before it stops."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sightglass_embedded.aws import Aws
from sightglass_embedded.child import Child
from sightglass_embedded.copies import Copies
from sightglass_embedded.localstack import READY_S, STOP, LocalStack
from sightglass_embedded.process import running

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

    from sightglass_common.sqs import Sqs

NAME: Final = "localstack"


class AwsClients:
    """Clients of the stack's S3 and SQS, opened once, while other things start."""

    def __init__(self, aws: Aws, lifetime: AsyncExitStack) -> None:
        self._opening = asyncio.create_task(_open(aws, lifetime))
        lifetime.push_async_callback(self._forget)

    async def get(self) -> tuple["S3Client", "Sqs"]:
        """Both, when they are there."""
        return await asyncio.shield(self._opening)

    async def _forget(self) -> None:
        """They may be opening still when a start fails early."""
        self._opening.cancel()
        await asyncio.gather(self._opening, return_exceptions=True)

    async def provision(self, *, bucket: str, queue_prefix: str) -> None:
        """Create the queues and the platform's bucket where they are missing."""
        s3, sqs = await self.get()
        from sightglass_common import provision  # noqa: PLC0415  # _open() has loaded it meanwhile

        async with asyncio.TaskGroup() as group:
            group.create_task(provision.provision_queues(sqs, queue_prefix))
            group.create_task(provision.provision_bucket(s3, bucket))


class StandIn:
    """The hooks of LocalStack as a child. `fill` is awaited after each start, when the objects are back."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        copies: Copies,
        clients: AwsClients,
        fill: Callable[[], Awaitable[None]],
    ) -> None:
        self.localstack = LocalStack(folder, port=port)
        self._copies = copies
        self._clients = clients
        self._fill = fill

    def child(self) -> Child:
        """What the supervisor runs."""
        return Child(
            name=NAME,
            start=running(self.localstack.command),
            ready=self.localstack.ready,
            prepare=self._prepare,
            settle=self._settle,
            leave=self._leave,
            stop=STOP,
            ready_s=READY_S,
            port=self.localstack.port,
            quiet=True,
        )

    async def _prepare(self) -> None:
        await self._copies.suspend()
        await self.localstack.prepare()

    async def _settle(self) -> None:
        s3, _ = await self._clients.get()
        await self._copies.restore(s3)
        await self._fill()

    async def _leave(self) -> None:
        s3, _ = await self._clients.get()
        await self._copies.finish(s3)


async def _open(aws: Aws, lifetime: AsyncExitStack) -> tuple["S3Client", "Sqs"]:
    for slow in ("aiobotocore.session", "sightglass_common.provision"):
        await asyncio.to_thread(importlib.import_module, slow)  # a second, while others start
    return await lifetime.enter_async_context(aws.open())
