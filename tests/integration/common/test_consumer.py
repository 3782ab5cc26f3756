"""What the consumer does with messages, on a real SQS interface."""

import asyncio
import random
from typing import Any

import pytest
from tests.integration.common.faulty import Call, Faulty
from tests.integration.common.fleet import QUEUE, Fleet, until

from sightglass_common import effects
from sightglass_common.db import Db
from sightglass_common.delivery import Delivery
from sightglass_common.errors import TenantNotFound
from sightglass_common.messages import AnalyzeVideo, to_json
from sightglass_common.outcomes import Dead, Done, Leave, Outcome, Retry


class Recorder:
    """A handler that notes what it gets and answers as told."""

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.got: list[Delivery[AnalyzeVideo]] = []
        self.outcome = outcome or Done()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, delivery: Delivery[AnalyzeVideo]) -> Outcome:
        self.got.append(delivery)
        await self.gate.wait()
        return self.outcome

    async def busy(self) -> bool:
        return bool(self.got)


async def send(fleet: Fleet, count: int) -> list[str]:
    bodies = [to_json(fleet.message()) for _ in range(count)]
    for body in bodies:
        await fleet.send(body)
    return bodies


async def test_each_message_is_handled_and_deleted_in_batches(fleet: Fleet) -> None:
    bodies = await send(fleet, 25)
    faulty, handler = Faulty(fleet.sqs), Recorder()
    async with fleet.consuming(handler, sqs=faulty.client, slots=10):
        await until(fleet.emptied)
    assert sorted(to_json(delivery.envelope) for delivery in handler.got) == sorted(bodies)
    assert faulty.calls.count("delete_message") == 0
    assert faulty.calls.count("delete_message_batch") <= 6


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("not json", "undecodable_message: The body is not JSON"),
        ("[1]", "undecodable_message: The body is not a JSON object."),
        ('{"type": "sightglass.analyze-video.v2"}', "undecodable_message: The type is 'sightglass.analyze-video.v2'"),
        ('{"type": "sightglass.analyze-video.v1"}', "undecodable_message: The envelope is not complete"),
        ("[" * 100_000, "undecodable_message: The body is not JSON"),
    ],
)
async def test_what_cannot_be_decoded_is_a_dead_letter_at_first_receipt(fleet: Fleet, body: str, reason: str) -> None:
    await fleet.send(body)
    handler = Recorder()
    async with fleet.consuming(handler):
        await until(fleet.emptied)
    (letter,) = await fleet.received(QUEUE.dead_letters)
    assert letter["body"] == body
    assert letter["attributes"]["reason"].startswith(reason)
    assert letter["attributes"]["message_id"]
    assert handler.got == []


async def test_a_dead_message_keeps_its_body_trace_and_reason(fleet: Fleet) -> None:
    envelope = fleet.message()
    await fleet.send(to_json(envelope))
    async with fleet.consuming(Recorder(Dead("it is\nno use"))):
        await until(fleet.emptied)
    (letter,) = await fleet.received(QUEUE.dead_letters)
    assert letter["body"] == to_json(envelope)
    assert letter["attributes"]["reason"] == "it is\N{REPLACEMENT CHARACTER}no use"
    assert letter["attributes"]["traceparent"] == str(envelope.trace)


async def test_a_dead_letter_that_cannot_be_sent_stays_where_it_is(fleet: Fleet) -> None:
    await fleet.send("not json")
    faulty = Faulty(fleet.sqs)

    async def refuse(_real: Call, _arguments: dict[str, Any]) -> None:
        raise OSError("No route to host")

    faulty.instead["send_message"] = refuse
    async with fleet.consuming(Recorder(), sqs=faulty.client):

        async def tried() -> bool:
            return "send_message" in faulty.calls

        await until(tried)
    assert sum(await fleet.depth()) == 1
    assert await fleet.depth(QUEUE.dead_letters) == (0, 0)


async def test_a_message_to_retry_comes_back_after_its_delay(fleet: Fleet) -> None:
    await send(fleet, 1)
    handler = Recorder(Retry("not yet", delay_s=0))
    async with fleet.consuming(handler):

        async def thrice() -> bool:
            if len(handler.got) == 2:
                handler.outcome = Done()
            return len(handler.got) == 3

        await until(thrice)
        await until(fleet.emptied)
    assert [delivery.receives for delivery in handler.got] == [1, 2, 3]


async def test_a_handler_that_breaks_down_costs_no_message(fleet: Fleet) -> None:
    await send(fleet, 3)
    seen: list[int] = []

    async def breaking(delivery: Delivery[AnalyzeVideo]) -> Outcome:
        seen.append(delivery.receives)
        if delivery.receives == 1:
            raise KeyError("a bug")
        return Done()

    # Drawing always the least, the back-off is a second.
    class Least(random.Random):
        def uniform(self, a: float, b: float) -> float:
            return a

    async def handled_twice() -> bool:
        return len(seen) == 6

    async with fleet.consuming(breaking, rng=Least()):
        await until(handled_twice)
        await until(fleet.emptied)
    assert sorted(seen) == [1, 1, 1, 2, 2, 2]


async def test_the_heartbeat_keeps_long_work_from_being_delivered_twice(fleet: Fleet) -> None:
    """Two messages for one slot: also the one that only waits is kept."""
    await send(fleet, 2)
    handler = Recorder()
    handler.gate.clear()
    faulty = Faulty(fleet.sqs)
    async with fleet.consuming(handler, sqs=faulty.client, slots=1, prefetch=1, visibility_timeout_s=2):

        async def beaten() -> bool:
            return faulty.calls.count("change_message_visibility_batch") >= 5  # over more than two timeouts

        await until(beaten)
        assert len(handler.got) == 1
        handler.gate.set()
        await until(fleet.emptied)
    assert [delivery.receives for delivery in handler.got] == [1, 1]


async def test_without_a_heartbeat_it_would_be(fleet: Fleet) -> None:
    """The control of the test above: it is the heartbeat that holds the message."""
    await send(fleet, 1)
    handler = Recorder()
    handler.gate.clear()
    faulty = Faulty(fleet.sqs)

    async def nothing(_real: Call, _arguments: dict[str, Any]) -> dict[str, Any]:
        return {"Successful": []}

    faulty.instead["change_message_visibility_batch"] = nothing
    async with fleet.consuming(handler, sqs=faulty.client, slots=2, visibility_timeout_s=1):

        async def twice() -> bool:
            return len(handler.got) == 2

        await until(twice)
        handler.gate.set()


async def test_on_a_stop_what_has_not_begun_goes_back_at_once(fleet: Fleet) -> None:
    await send(fleet, 6)
    faulty, handler = Faulty(fleet.sqs), Recorder()
    handler.gate.clear()
    brought = 0

    async def counted(real: Call, arguments: dict[str, Any]) -> Any:
        nonlocal brought
        answer = await real(**arguments)
        brought += len(answer.get("Messages", []))
        return answer

    faulty.instead["receive_message"] = counted
    async with fleet.consuming(handler, sqs=faulty.client, slots=1, prefetch=5, visibility_timeout_s=600) as stop:

        async def all_held() -> bool:
            # Not by the queue's depth: what is in flight there may still be on its way here.
            return brought == 6 and await handler.busy()

        await until(all_held)
        stop.set()

        async def returned() -> bool:
            return await fleet.depth() == (5, 1)

        await until(returned)  # while the one that runs still runs
        handler.gate.set()
    assert len(handler.got) == 1
    assert await fleet.depth() == (5, 0)


async def test_a_receive_under_way_at_a_stop_is_awaited_and_what_it_brings_goes_back(fleet: Fleet) -> None:
    faulty, handler = Faulty(fleet.sqs), Recorder()
    asked, answer = asyncio.Event(), asyncio.Event()
    cancelled: list[bool] = []

    async def slowly(real: Call, arguments: dict[str, Any]) -> Any:
        asked.set()
        try:
            await answer.wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return await real(**arguments)

    faulty.instead["receive_message"] = slowly
    await send(fleet, 3)
    async with fleet.consuming(handler, sqs=faulty.client, visibility_timeout_s=600) as stop:
        await asked.wait()
        stop.set()
        await asyncio.sleep(0)
        answer.set()
    assert (handler.got, cancelled) == ([], [])
    assert await fleet.depth() == (3, 0)


async def test_what_outlives_the_grace_is_cancelled_and_goes_back(fleet: Fleet) -> None:
    await send(fleet, 1)
    handler = Recorder()
    handler.gate.clear()
    async with fleet.consuming(handler, visibility_timeout_s=600, shutdown_grace_s=0.05):
        await until(handler.busy)
    assert await fleet.depth() == (1, 0)


async def test_a_failed_entry_of_a_batch_is_tried_alone(fleet: Fleet) -> None:
    await send(fleet, 4)
    faulty = Faulty(fleet.sqs)
    faulty.fail_first_entry("delete_message_batch")
    async with fleet.consuming(Recorder(), sqs=faulty.client):
        await until(fleet.emptied)
    assert "delete_message" in faulty.calls


async def test_a_failed_return_of_a_batch_is_tried_alone(fleet: Fleet) -> None:
    await send(fleet, 4)
    faulty, handler = Faulty(fleet.sqs), Recorder()
    handler.gate.clear()
    faulty.fail_first_entry("change_message_visibility_batch")
    async with fleet.consuming(
        handler, sqs=faulty.client, slots=1, prefetch=3, visibility_timeout_s=600, shutdown_grace_s=0.05
    ):
        await until(handler.busy)
    assert "change_message_visibility" in faulty.calls
    assert await fleet.depth() == (4, 0)


async def test_a_failed_delete_is_harmless(fleet: Fleet) -> None:
    await send(fleet, 1)
    faulty, ran = Faulty(fleet.sqs), list[bool]()

    async def refuse(_real: Call, _arguments: dict[str, Any]) -> None:
        raise OSError("Connection reset by peer")

    async def nothing(_db: Db) -> None:
        return None

    async def once(delivery: Delivery[AnalyzeVideo]) -> Outcome:
        message = delivery.message
        ran.append(await effects.once(fleet.worker, message.tenant_id, "test", delivery.envelope.id, nothing))
        if len(ran) == 2:
            del faulty.instead["delete_message_batch"]
        return Done()

    faulty.instead["delete_message_batch"] = refuse
    async with fleet.consuming(once, sqs=faulty.client, visibility_timeout_s=1):
        await until(fleet.emptied)
    assert ran == [True, False]


async def test_what_another_attempt_holds_is_left_alone(fleet: Fleet) -> None:
    await send(fleet, 1)
    faulty, handler = Faulty(fleet.sqs), Recorder(Leave())
    async with fleet.consuming(handler, sqs=faulty.client, visibility_timeout_s=600):
        await until(handler.busy)
    assert await fleet.depth() == (0, 1)
    assert not {"delete_message_batch", "change_message_visibility_batch"} & set(faulty.calls)


async def test_while_sqs_is_away_the_consumer_lives(fleet: Fleet) -> None:
    await send(fleet, 1)
    faulty, handler = Faulty(fleet.sqs), Recorder()
    faulty.away = True
    async with fleet.consuming(handler, sqs=faulty.client):

        async def tried() -> bool:
            return len(faulty.calls) >= 2

        await until(tried)
        faulty.away = False
        await until(fleet.emptied)
    assert len(handler.got) == 1


async def test_an_effect_is_had_once_and_not_for_a_tenant_that_is_not_ours(fleet: Fleet) -> None:
    envelope = fleet.message()
    had: list[int] = []

    async def effect(_db: Db) -> None:
        had.append(1)

    async def once() -> bool:
        return await effects.once(fleet.worker, fleet.tenant_id, "test", envelope.id, effect)

    assert sorted(await asyncio.gather(*(once() for _ in range(5)))) == [False] * 4 + [True]
    assert had == [1]
    with pytest.raises(TenantNotFound):
        await effects.once(fleet.worker, envelope.id, "test", envelope.id, effect)
    assert had == [1]


async def test_an_effect_that_fails_may_be_had_later(fleet: Fleet) -> None:
    envelope = fleet.message()

    async def failing(_db: Db) -> None:
        raise RuntimeError

    async def working(_db: Db) -> None:
        return None

    with pytest.raises(RuntimeError):
        await effects.once(fleet.worker, fleet.tenant_id, "test", envelope.id, failing)
    assert await effects.once(fleet.worker, fleet.tenant_id, "test", envelope.id, working)
