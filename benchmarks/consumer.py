"""What our consumer costs a job that does nothing, in CPU of the client's process, beside the usual boto loop.

Both drain the same number of the same messages from the same LocalStack, one after the other, in this process.
The loop too asks for connections that are kept, as SQS keeps them: LocalStack by itself closes each after one answer.
"""

import asyncio
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, cast

import botocore.session

from benchmarks.figure import Figure, at_most
from sightglass_common.aws import open_sqs
from sightglass_common.consumer import Consumer
from sightglass_common.delivery import Delivery
from sightglass_common.ids import new_id
from sightglass_common.messages import AnalyzeVideo, to_json, wrap
from sightglass_common.outcomes import Done, Outcome
from sightglass_common.provision import provision_queues
from sightglass_common.queues import VIDEO_ANALYSES
from sightglass_embedded.localstack import REGION, LocalStack

MESSAGES: Final = 1000
ROUNDS: Final = 5
# Both hold on a machine where the peer takes 1.0 CPU s. The ratio depends less on the machine; it replaces nothing.
MUST_CPU_S: Final = 0.25
MUST_RATIO: Final = 0.25


def figures() -> list[Figure]:
    """CPU seconds for 1,000 no-op jobs; medians of five rounds, in which they take turns."""
    # LocalStack takes any; the SDK insists on some.
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    with tempfile.TemporaryDirectory(prefix="sightglass-bench-") as folder:
        ours, peers = asyncio.run(_measure(Path(folder)))
    value, peer = statistics.median(ours), statistics.median(peers)
    ratio = statistics.median(our / their for our, their in zip(ours, peers, strict=True))
    return [
        at_most("consumer: 1,000 no-op jobs", value, "CPU-s", MUST_CPU_S),
        Figure(
            figure="the same beside a boto loop with single deletes",
            value=round(value, 3),
            unit="CPU-s",
            peer=round(peer, 3),
            ratio=round(ratio, 3),
            must=f"ratio <= {MUST_RATIO:g}",
            holds=ratio <= MUST_RATIO,
        ),
    ]


async def _measure(folder: Path) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    peers: list[float] = []
    async with LocalStack(folder).running() as localstack:
        for number in range(ROUNDS):
            ours.append(await _drain(localstack.endpoint_url, f"ours{number}-", _consume))
            peers.append(await _drain(localstack.endpoint_url, f"peer{number}-", _loop))
    return ours, peers


async def _drain(endpoint_url: str, prefix: str, drain: Callable[[str, str], Awaitable[float]]) -> float:
    async with open_sqs(endpoint_url) as sqs:
        await provision_queues(sqs, prefix)
        url = (await sqs.get_queue_url(QueueName=prefix + VIDEO_ANALYSES.name))["QueueUrl"]
        for _ in range(MESSAGES // 10):
            entries = [{"Id": str(i), "MessageBody": _body(), "MessageGroupId": "t"} for i in range(10)]
            await sqs.send_message_batch(QueueUrl=url, Entries=cast("Any", entries))
    return await drain(endpoint_url, prefix) * 1000 / MESSAGES


def _body() -> str:
    return to_json(wrap(AnalyzeVideo(tenant_id=new_id(), job_id=new_id(), analysis_id=new_id()), source="bench"))


def _keep_alive(client: Any) -> None:
    def ask(params: dict[str, Any], **_: object) -> None:
        params["headers"]["Connection"] = "keep-alive"

    client.meta.events.register("before-call.sqs", ask)


async def _consume(endpoint_url: str, prefix: str) -> float:
    """Our consumer, with everything that it does in earnest: decoding, heartbeat, metrics, log context."""
    stop = asyncio.Event()
    handled = 0

    async def nothing(_delivery: Delivery[AnalyzeVideo]) -> Outcome:
        nonlocal handled
        handled += 1
        if handled == MESSAGES:
            stop.set()
        return Done()

    async with open_sqs(endpoint_url) as sqs:
        consumer = Consumer(sqs, VIDEO_ANALYSES, nothing, slots=16, queue_prefix=prefix, prefetch=10, wait_s=1)
        before = time.process_time()
        await consumer.run(stop)
        return time.process_time() - before


async def _loop(endpoint_url: str, prefix: str) -> float:
    """The loop that one finds everywhere: a thread that receives ten and deletes each by a call of its own."""
    client: Any = cast("Any", botocore.session.get_session()).create_client("sqs", endpoint_url=endpoint_url)
    _keep_alive(client)
    url = client.get_queue_url(QueueName=prefix + VIDEO_ANALYSES.name)["QueueUrl"]

    def work() -> None:
        left = MESSAGES
        while left:
            answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                left -= 1

    before = time.process_time()
    thread = threading.Thread(target=work)
    thread.start()
    await asyncio.to_thread(thread.join)
    return time.process_time() - before
