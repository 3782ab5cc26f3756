"""What the routes work with: settings, the pool, S3 and SQS, opened once in `__main__` or by a test."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from fastapi import Request

from sightglass_api.conversations.awaiting import Awaiting
from sightglass_api.detect.looking import Looking
from sightglass_api.exports.counting import Exports
from sightglass_api.lazily import Lazy
from sightglass_api.objects import Objects
from sightglass_api.settings import ApiSettings
from sightglass_common.clock import Clock, SystemClock
from sightglass_common.db import Pool
from sightglass_common.outbox import Hint
from sightglass_retrieval.minilm import MiniLM

if TYPE_CHECKING:
    from sightglass_common.sqs import Sqs


@dataclass(frozen=True, slots=True)
class Aws:
    """The two clients that come late."""

    objects: Objects
    sqs: "Sqs"


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a request may need.

    awaiting: who follows a turn, and is to be woken.
    looking: through texts, in threads.
    embedder: the model of search, or None where there is none; slow at its first call, so only in a thread.
    exports: how many of them are on their way.
    stopping: set when the process was told to stop, so that open streams end.
    """

    settings: ApiSettings
    pool: Pool
    aws: Lazy[Aws]
    hint: Hint
    clock: Clock = field(default_factory=SystemClock)
    exports: Exports = field(default_factory=Exports)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    awaiting: Awaiting = field(default_factory=Awaiting)
    looking: Looking = field(default_factory=Looking)
    embedder: Callable[[], MiniLM | None] = lambda: None

    async def objects(self) -> Objects:
        """S3, once its client is there."""
        return (await self.aws.get()).objects

    async def sqs(self) -> "Sqs":
        """SQS, once its client is there."""
        return (await self.aws.get()).sqs


def context_of(request: Request) -> Context:
    """The context that the application was opened with."""
    return cast("Context", request.app.state.context)
