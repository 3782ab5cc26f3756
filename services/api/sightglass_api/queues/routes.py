"""Queues, for whoever operates the platform."""

from typing import Annotated

from fastapi import APIRouter, Query

from sightglass_api.auth import CallersTenant
from sightglass_api.permissions import Permission
from sightglass_api.queues import redrive
from sightglass_api.queues.letters import peeked
from sightglass_api.queues.schemas import PeekedMessages, QueueDepths, Redriven, RedriveRequest
from sightglass_api.queues.sqs import OperatedQueues, declared
from sightglass_api.routing import guarded
from sightglass_common.errors import QueueNotFound
from sightglass_common.queues import BY_NAME

router = APIRouter(prefix="/v1/admin/queues", tags=["queues"])


@router.get("", **guarded(Permission.OPERATE))
async def list_queues(tenant: CallersTenant) -> QueueDepths:
    """How full each queue is, and how many dead letters it has."""
    queues = await OperatedQueues.of(tenant.context)
    return QueueDepths(items=await queues.depths())


@router.get("/{name}/messages", **guarded(Permission.OPERATE, QueueNotFound))
async def peek_messages(
    name: str, tenant: CallersTenant, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> PeekedMessages:
    """Look at some messages of a queue or a dead-letter queue (`<name>-dlq`), and give them back."""
    queues = await OperatedQueues.of(tenant.context)
    async with queues.held(declared(name), limit) as messages:
        return PeekedMessages(items=[peeked(message) for message in messages])


@router.post("/{name}/redrive", **guarded(Permission.OPERATE, QueueNotFound, body=True))
async def redrive_queue(name: str, tenant: CallersTenant, request: RedriveRequest | None = None) -> Redriven:
    """Take the queue's dead letters up again. A letter that names a failed job retries that job."""
    queue = BY_NAME.get(name)
    if queue is None:
        raise QueueNotFound
    limit = (request or RedriveRequest()).limit
    return await redrive.redrive(tenant.context, queue, limit, tenant.trace)
