"""From the outbox to SQS, on real ones of both."""

import asyncio
import time
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError
from tests.integration.common.faulty import Call, Faulty
from tests.integration.common.fleet import QUEUE, Fleet, until
from tests.stack import Database

from sightglass_common import outbox
from sightglass_common.db import open_pool, tenant_transaction
from sightglass_common.outbox import Hint
from sightglass_common.relay import Relay


async def waiting(fleet: Fleet) -> int:
    return int(await fleet.value("SELECT count(*) FROM outbox"))


async def post_all(fleet: Fleet, queue_name: str, *bodies: str) -> None:
    async with tenant_transaction(fleet.api, fleet.tenant_id) as db:
        for body in bodies:
            await outbox.post_body(db, fleet.tenant_id, queue_name, body)


async def test_what_is_sent_carries_its_tenant_and_its_trace(fleet: Fleet) -> None:
    envelope = fleet.message()
    async with tenant_transaction(fleet.api, fleet.tenant_id) as db:
        await outbox.post(db, QUEUE, envelope)
    assert await Relay(fleet.relay, fleet.sqs, fleet.prefix).send_due() == 1
    (message,) = await fleet.received()
    assert message["group"] == str(fleet.tenant_id)
    assert message["attributes"] == {"traceparent": str(envelope.trace)}
    assert await waiting(fleet) == 0


async def test_what_is_rolled_back_is_never_sent(fleet: Fleet) -> None:
    async def post_and_fail() -> None:
        async with tenant_transaction(fleet.api, fleet.tenant_id) as db:
            await outbox.post(db, QUEUE, fleet.message())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await post_and_fail()
    assert await Relay(fleet.relay, fleet.sqs, fleet.prefix).send_due() == 0


async def test_no_tenant_can_post_for_another(fleet: Fleet) -> None:
    other = UUID(int=7)
    async with tenant_transaction(fleet.api, other) as db:
        with pytest.raises(Exception, match="row-level security"):
            await outbox.post(db, QUEUE, fleet.message())


async def test_of_two_relays_at_once_each_sends_what_the_other_does_not(fleet: Fleet) -> None:
    for _ in range(30):
        await fleet.enqueue()
    claimed, go_on = asyncio.Event(), asyncio.Event()
    faulty = Faulty(fleet.sqs)

    async def send_later(real: Call, arguments: dict[str, Any]) -> Any:
        claimed.set()
        await go_on.wait()
        return await real(**arguments)

    faulty.instead["send_message_batch"] = send_later
    slow = asyncio.create_task(Relay(fleet.relay, faulty.client, fleet.prefix).send_due())
    await claimed.wait()
    late = await fleet.enqueue()
    assert await Relay(fleet.relay, fleet.sqs, fleet.prefix).send_due() == 1  # does not wait for the other, either
    go_on.set()
    assert await slow == 30
    sent = [message["body"] for message in await fleet.received()]
    assert len(set(sent)) == len(sent) == 31
    assert sum(str(late) in body for body in sent) == 1


async def test_killed_between_send_and_commit_it_sends_again(fleet: Fleet) -> None:
    await fleet.enqueue()
    sent = asyncio.Event()
    faulty = Faulty(fleet.sqs)

    async def send_and_hang(real: Call, arguments: dict[str, Any]) -> None:
        await real(**arguments)
        sent.set()
        await asyncio.Event().wait()

    faulty.instead["send_message_batch"] = send_and_hang
    dying = asyncio.create_task(Relay(fleet.relay, faulty.client, fleet.prefix).send_due())
    await sent.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert await waiting(fleet) == 1
    await Relay(fleet.relay, fleet.sqs, fleet.prefix).send_due()
    first, second = await fleet.received()
    assert first["body"] == second["body"]  # the same envelope id: its effect stands once


async def test_only_what_was_accepted_leaves_the_outbox(fleet: Fleet) -> None:
    for _ in range(3):
        await fleet.enqueue()
    faulty = Faulty(fleet.sqs)
    faulty.fail_first_entry("send_message_batch")
    await Relay(fleet.relay, faulty.client, fleet.prefix).send_due()
    assert (await waiting(fleet), len(await fleet.received())) == (1, 2)
    assert await fleet.value("SELECT last_refusal FROM outbox WHERE not_before > now()") == "InternalError: as wanted"
    assert await Relay(fleet.relay, fleet.sqs, fleet.prefix).send_due() == 0  # it waits for its time
    await fleet.change("UPDATE outbox SET not_before = now()")
    await Relay(fleet.relay, fleet.sqs, fleet.prefix).send_due()
    assert (await waiting(fleet), len(await fleet.received())) == (0, 1)


async def test_one_message_that_sqs_never_takes_does_not_hold_up_the_others(fleet: Fleet) -> None:
    await post_all(fleet, QUEUE.name, "good", "x" * 1_100_000, "also good", "no \x01 character that SQS takes")
    await post_all(fleet, "no-such-queue", "lost")
    await Relay(fleet.relay, fleet.sqs, fleet.prefix).send_due()
    assert sorted(message["body"] for message in await fleet.received()) == ["also good", "good"]
    refused = await fleet.value("SELECT array_agg(queue ORDER BY queue) FROM outbox WHERE last_refusal IS NOT NULL")
    assert refused == ["no-such-queue", QUEUE.name, QUEUE.name]


async def test_a_batch_refused_as_a_whole_for_one_message_is_sent_without_it(fleet: Fleet) -> None:
    await post_all(fleet, QUEUE.name, "good", "poison", "also good")
    faulty = Faulty(fleet.sqs)

    async def refuse_poison(real: Call, arguments: dict[str, Any]) -> Any:
        if any(entry["MessageBody"] == "poison" for entry in arguments["Entries"]):
            answer: Any = {"Error": {"Code": "InvalidMessageContents"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            raise ClientError(answer, "SendMessageBatch")
        return await real(**arguments)

    faulty.instead["send_message_batch"] = refuse_poison
    await Relay(fleet.relay, faulty.client, fleet.prefix).send_due()
    assert sorted(message["body"] for message in await fleet.received()) == ["also good", "good"]
    assert await fleet.value("SELECT array_agg(body) FROM outbox WHERE refusals = 1") == ["poison"]


async def test_messages_of_many_bytes_go_in_several_batches(fleet: Fleet) -> None:
    await post_all(fleet, QUEUE.name, *(str(n) + "x" * 200_000 for n in range(7)))
    await Relay(fleet.relay, fleet.sqs, fleet.prefix).send_due()
    assert (await waiting(fleet), len(await fleet.received())) == (0, 7)


async def test_while_sqs_is_away_nothing_is_lost_and_the_relay_lives(fleet: Fleet) -> None:
    faulty = Faulty(fleet.sqs)
    faulty.away = True
    stop = asyncio.Event()
    running = asyncio.create_task(Relay(fleet.relay, faulty.client, fleet.prefix).run(stop))
    await fleet.enqueue()

    async def tried() -> bool:
        return len(faulty.calls) >= 2

    await until(tried)
    assert (await waiting(fleet), await fleet.value("SELECT sum(refusals)::int FROM outbox")) == (1, 0)
    faulty.away = False
    await until(lambda: _is_empty(fleet))
    stop.set()
    await running


async def test_while_postgres_is_away_the_relay_lives(fleet: Fleet) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Relay(fleet.relay, fleet.sqs, fleet.prefix).run(stop))

    async def listening() -> bool:
        return bool(await fleet.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %%'"))

    await until(listening)
    await fleet.change("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sightglass_relay'")
    await fleet.enqueue()
    await until(lambda: _is_empty(fleet))
    await until(listening)
    stop.set()
    await running
    assert not running.cancelled()


async def test_rings_are_merged_into_few_notifies(fleet: Fleet, database: Database) -> None:
    async with database.pool("api", max_size=1) as pool, fleet.admin.connection() as db:
        await db.execute("LISTEN sightglass_outbox")
        hint = Hint(pool)
        began, rings = time.monotonic(), 0
        while time.monotonic() - began < 0.3:
            hint.ring()
            rings += 1
            await asyncio.sleep(0)
        await hint.aclose()
        most = (time.monotonic() - began) / 0.05 + 1  # however slow the machine, no more than one in 50 ms
        heard = [notify async for notify in db.notifies(timeout=0.3)]
        await db.execute("UNLISTEN *")
    assert 1 <= len(heard) <= most < rings


async def test_a_hint_that_cannot_be_given_fails_nobody() -> None:
    async with open_pool("postgresql://127.0.0.1:9/nowhere", name="test-hint", timeout_s=0.1) as pool:
        hint = Hint(pool)
        hint.ring()
        await hint.aclose()


async def _is_empty(fleet: Fleet) -> bool:
    return await waiting(fleet) == 0
