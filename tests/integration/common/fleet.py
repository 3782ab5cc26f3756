"""A fleet to test with: a tenant, jobs in a queue of the test's own, and looks behind the scene."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import dict_row

from sightglass_common import jobs
from sightglass_common.consumer import Consumer
from sightglass_common.db import Db, Pool, tenant_transaction
from sightglass_common.delivery import Handler
from sightglass_common.ids import new_id
from sightglass_common.job_context import JobContext
from sightglass_common.job_runner import Effect
from sightglass_common.jobs import FinalStatus
from sightglass_common.messages import AnalyzeVideo, Envelope, wrap
from sightglass_common.provision import provision_queues
from sightglass_common.queues import VIDEO_ANALYSES, Queue
from sightglass_common.relay import Relay
from sightglass_common.sqs import Sqs

QUEUE: Queue[AnalyzeVideo] = VIDEO_ANALYSES


async def until(condition: Callable[[], Awaitable[bool]], *, within_s: float = 20.0) -> None:
    """Wait for a condition; the limit is only there so that a broken test ends."""
    deadline = time.monotonic() + within_s
    while not await condition():
        assert time.monotonic() < deadline, "what was waited for did not come"
        await asyncio.sleep(0.02)


async def a_tenant(admin: Pool) -> UUID:
    """A tenant with nothing."""
    tenant_id = new_id()
    async with admin.connection() as db:
        await db.execute("INSERT INTO tenant (tenant_id, name) VALUES (%s, %s)", [tenant_id, str(tenant_id)])
    return tenant_id


@dataclass(frozen=True, slots=True)
class Fleet:
    """One tenant and one queue that no other test uses."""

    tenant_id: UUID
    admin: Pool
    api: Pool
    relay: Pool
    worker: Pool
    sqs: Sqs
    prefix: str

    def message(self, *, tenant_id: UUID | None = None, job_id: UUID | None = None) -> Envelope[AnalyzeVideo]:
        """A message in an envelope of its own."""
        return wrap(
            AnalyzeVideo(tenant_id=tenant_id or self.tenant_id, job_id=job_id or new_id(), analysis_id=new_id()),
            source="test",
        )

    async def enqueue(self) -> UUID:
        """A job, committed with its message in the outbox."""
        envelope = self.message()
        job_id = envelope.message.job_id
        async with tenant_transaction(self.api, self.tenant_id) as db:
            await jobs.enqueue(db, QUEUE, envelope, kind="analysis", job_id=job_id)
        return job_id

    async def enqueue_and_send(self) -> UUID:
        """A job whose message is in SQS."""
        job_id = await self.enqueue()
        await Relay(self.relay, self.sqs, self.prefix).send_due()
        return job_id

    async def job(self, job_id: UUID) -> dict[str, Any]:
        """The job's row, as nobody but the superuser sees it."""
        async with self.admin.connection() as db, db.cursor(row_factory=dict_row) as cursor:
            await cursor.execute("SELECT * FROM job WHERE job_id = %s", [job_id])
            row = await cursor.fetchone()
        assert row is not None
        return row

    async def value(self, statement: Any, *values: object) -> Any:
        """One value, as the superuser."""
        async with self.admin.connection() as db:
            row = await (await db.execute(statement, values)).fetchone()
        return row[0] if row else None

    async def change(self, statement: Any, *values: object) -> None:
        """A change that no service may make."""
        async with self.admin.connection() as db:
            await db.execute(statement, values)

    async def send(self, body: str) -> None:
        """Put a body into the queue, past the outbox."""
        await self.sqs.send_message(QueueUrl=await self.url(), MessageBody=body)

    async def url(self, name: str = QUEUE.name) -> str:
        """A queue's address."""
        return (await self.sqs.get_queue_url(QueueName=self.prefix + name))["QueueUrl"]

    async def depth(self, name: str = QUEUE.name) -> tuple[int, int]:
        """Messages that are visible, and those in flight."""
        answer = await self.sqs.get_queue_attributes(QueueUrl=await self.url(name), AttributeNames=["All"])
        found = answer["Attributes"]
        return (
            int(found["ApproximateNumberOfMessages"]),
            int(found["ApproximateNumberOfMessagesNotVisible"]),
        )

    async def received(self, name: str = QUEUE.name, *, visibility_timeout_s: int = 30) -> list[dict[str, Any]]:
        """Receive what a queue shows: body (as JSON where it is), attributes, group, receive count."""
        found: list[dict[str, Any]] = []
        while True:
            answer = await self.sqs.receive_message(
                QueueUrl=await self.url(name),
                MaxNumberOfMessages=10,
                WaitTimeSeconds=0,
                VisibilityTimeout=visibility_timeout_s,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
            )
            messages = answer.get("Messages", [])
            if not messages:
                return found
            for raw in messages:
                attributes = {k: v.get("StringValue") for k, v in raw.get("MessageAttributes", {}).items()}
                system = raw.get("Attributes", {})
                found.append(
                    {
                        "body": raw.get("Body", ""),
                        "attributes": attributes,
                        "group": system.get("MessageGroupId"),
                        "receives": int(system["ApproximateReceiveCount"]),
                    }
                )

    async def finished(self, job_id: UUID) -> bool:
        """Whether a job is over."""
        return (await self.job(job_id))["finished_at"] is not None

    async def emptied(self) -> bool:
        """Whether the queue holds nothing, in flight or not."""
        # Asked twice: a message that is received between the counting of the two is in neither.
        return await self.depth() == (0, 0) and await self.depth() == (0, 0)

    @asynccontextmanager
    async def consuming(
        self, handler: Handler[AnalyzeVideo], *, sqs: Sqs | None = None, **options: Any
    ) -> AsyncGenerator[asyncio.Event]:
        """A consumer that runs while the block does; gives its stop event."""
        chosen: dict[str, Any] = {"slots": 4, "wait_s": 1, "shutdown_grace_s": 5.0} | options
        consumer = Consumer(sqs or self.sqs, QUEUE, handler, queue_prefix=self.prefix, **chosen)
        stop = asyncio.Event()
        running = asyncio.create_task(consumer.run(stop))
        try:
            yield stop
        finally:
            stop.set()
            await running


@asynccontextmanager
async def a_fleet(admin: Pool, api: Pool, relay: Pool, worker: Pool, sqs: Sqs) -> AsyncGenerator[Fleet]:
    """A fleet whose outbox is empty at its end, so that the next test's relay finds nothing strange."""
    fleet = Fleet(await a_tenant(admin), admin, api, relay, worker, sqs, f"t{uuid4().hex[:8]}-")
    await provision_queues(sqs, fleet.prefix, queues=(QUEUE,))
    yield fleet
    async with admin.connection() as db:
        await db.execute("TRUNCATE outbox, job CASCADE")


class Analyses:
    """Work whose effect can be counted: it makes a row in `processed` under a name of its own."""

    def __init__(self, status: FinalStatus = "done") -> None:
        self.begun = 0
        self.status: FinalStatus = status
        self.fails_with: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, message: AnalyzeVideo, context: JobContext) -> Effect:
        """Fail as told, wait at the gate, and have the effect."""
        self.begun += 1
        if self.fails_with:
            raise self.fails_with.pop(0)
        await context.report("analyze", 0, 10)
        await self.gate.wait()

        async def effect(db: Db) -> FinalStatus:
            await db.execute(
                "INSERT INTO processed (tenant_id, consumer, message_id) VALUES (%s, 'effect', %s)",
                [message.tenant_id, new_id()],
            )
            return self.status

        return effect


async def effects_of(fleet: Fleet) -> int:
    """How many effects this fleet's work has had."""
    return int(
        await fleet.value(
            "SELECT count(*) FROM processed WHERE consumer = 'effect' AND tenant_id = %s", fleet.tenant_id
        )
    )
