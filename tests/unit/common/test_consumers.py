"""The consumers of a service, on an SQS that only listens."""

import asyncio
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from sightglass_common.consumers import Consumers
from sightglass_common.delivery import Delivery
from sightglass_common.outcomes import Done, Outcome
from sightglass_common.queues import CHAT_TURNS, CONTENTS_TO_INDEX
from sightglass_common.settings import ConsumerSettings
from sightglass_common.sqs import Sqs

SETTINGS = ConsumerSettings.model_validate(
    {"database_url": "postgresql://", "queue_prefix": "t-", "receive_wait_s": 0, "visibility_timeout_s": 7}
)


class ListeningSqs:
    """Knows some queues, none of which has a message; tells `stop` once each of them was asked for one."""

    def __init__(self, *known: str) -> None:
        self.known = set(known)
        self.asked: list[str] = []
        self.received: dict[str, dict[str, Any]] = {}
        self.stop = asyncio.Event()

    async def get_queue_url(self, **request: Any) -> dict[str, str]:
        name = request["QueueName"]
        self.asked.append(name)
        if name not in self.known:
            raise ClientError({"Error": {"Code": "QueueDoesNotExist"}}, "GetQueueUrl")
        return {"QueueUrl": f"url of {name}"}

    async def receive_message(self, **request: Any) -> dict[str, str]:
        self.received[request["QueueUrl"]] = request
        if len(self.received) == len(self.known):
            self.stop.set()
        await asyncio.sleep(0)
        return {}


async def done(_delivery: Delivery[Any]) -> Outcome:
    return Done()


def consumers(sqs: ListeningSqs) -> Consumers:
    both = Consumers(cast("Sqs", sqs), SETTINGS)
    both.add(CONTENTS_TO_INDEX, done, slots=1)
    both.add(CHAT_TURNS, done, slots=4)
    return both


async def test_each_queue_is_consumed_by_the_service_s_settings() -> None:
    sqs = ListeningSqs("t-contents-to-index", "t-chat-turns")
    await consumers(sqs).run(sqs.stop)
    assert {
        url: (asked["MaxNumberOfMessages"], asked["WaitTimeSeconds"], asked["VisibilityTimeout"])
        for url, asked in sqs.received.items()
    } == {"url of t-contents-to-index": (1, 0, 7), "url of t-chat-turns": (4, 0, 7)}


async def test_the_check_asks_for_each_queue_each_time() -> None:
    sqs = ListeningSqs("t-contents-to-index", "t-chat-turns")
    both = consumers(sqs)
    await both.check()
    await both.check()
    assert sqs.asked == ["t-contents-to-index", "t-chat-turns"] * 2


async def test_the_check_fails_for_a_queue_that_is_not_there() -> None:
    with pytest.raises(ClientError, match="QueueDoesNotExist"):
        await consumers(ListeningSqs("t-contents-to-index")).check()
