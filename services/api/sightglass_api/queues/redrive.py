"""Takes dead letters up again: the job that one names is retried; any other goes back to its queue as it is."""

from typing import TYPE_CHECKING, Any, Final

from sightglass_api.context import Context
from sightglass_api.queues.letters import Named, named
from sightglass_api.queues.schemas import Redriven
from sightglass_api.queues.sqs import OperatedQueues
from sightglass_common import jobs
from sightglass_common.db import tenant_transaction
from sightglass_common.errors import JobNotFound, JobNotRetryable
from sightglass_common.queues import Queue
from sightglass_common.tracing import Trace

if TYPE_CHECKING:
    from types_aiobotocore_sqs.type_defs import MessageTypeDef

_AT_A_TIME: Final = 10
_NO_TENANT: Final = "none"


async def redrive(context: Context, queue: Queue[Any], limit: int, trace: Trace) -> Redriven:
    """Take up at most `limit` dead letters, and no more than there are now: one may soon be dead again.

    Killed between a letter's effect and its deletion, it is taken up once more: the job is then no longer failed,
    and consumers know a message that they have had.
    """
    queues = await OperatedQueues.of(context)
    left = min(limit, await queues.visible(queue.dead_letters))
    taken = retried = 0
    while left > 0:
        async with queues.held(queue.dead_letters, min(_AT_A_TIME, left)) as letters:
            for letter in letters:
                retried += await _take_up(context, queues, queue, letter, trace)
        if not letters:
            break
        taken += len(letters)
        left -= len(letters)
    context.hint.ring()
    return Redriven(redriven=taken, jobs_retried=retried)


async def _take_up(
    context: Context, queues: OperatedQueues, queue: Queue[Any], letter: "MessageTypeDef", trace: Trace
) -> bool:
    """Retry the letter's job, or send the letter back; then delete it. Returns whether a job was retried."""
    body = letter.get("Body", "")
    names = named(body)
    retried = await _retry(context, names, trace)
    if not retried:
        group = letter.get("Attributes", {}).get("MessageGroupId", _NO_TENANT)
        await queues.send(queue.name, body, group)
    await queues.delete(queue.dead_letters, letter)
    return retried


async def _retry(context: Context, names: Named, trace: Trace) -> bool:
    if names.tenant_id is None or names.job_id is None:
        return False
    try:
        # Inside the tenant that the letter names: a forged pair finds no job.
        async with tenant_transaction(context.pool, names.tenant_id) as db:
            await jobs.retry(db, names.job_id, trace=trace)
    except (JobNotFound, JobNotRetryable):
        return False
    return True
