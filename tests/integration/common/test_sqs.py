"""Our client of SQS beside the SDK's own, on the same queues."""

from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from types_aiobotocore_sqs.client import SQSClient

from sightglass_common.sqs import Sqs

ATTRIBUTES: dict[str, Any] = {"reason": {"DataType": "String", "StringValue": "ünlesbar, 100 %"}}


@pytest.fixture
async def url(sqs: Sqs) -> str:
    return (await sqs.create_queue(QueueName=f"q{uuid4().hex}", Attributes={"VisibilityTimeout": "7"}))["QueueUrl"]


async def received(sdk_sqs: SQSClient, url: str) -> list[Any]:
    answer = await sdk_sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return answer.get("Messages", [])


async def test_a_queue_is_found_as_the_sdk_finds_it(sqs: Sqs, sdk_sqs: SQSClient, url: str) -> None:
    name = url.rpartition("/")[2]
    ours = await sqs.get_queue_url(QueueName=name)
    assert ours["QueueUrl"] == url == (await sdk_sqs.get_queue_url(QueueName=name))["QueueUrl"]
    told = await sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert told["Attributes"]["VisibilityTimeout"] == "7"
    assert (
        told["Attributes"] == (await sdk_sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]))["Attributes"]
    )


async def test_what_is_sent_arrives_as_it_was(sqs: Sqs, sdk_sqs: SQSClient, url: str) -> None:
    body = '{"key": "ein Film\u2028+\U0001f3ac.mp4"}'
    one = await sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=ATTRIBUTES, MessageGroupId="t")
    (message,) = await received(sdk_sqs, url)
    assert (message["Body"], message["MessageId"]) == (body, one["MessageId"])
    assert message["MessageAttributes"]["reason"]["StringValue"] == "ünlesbar, 100 %"


async def test_a_batch_is_answered_entry_by_entry(sqs: Sqs, sdk_sqs: SQSClient, url: str) -> None:
    entries: list[Any] = [{"Id": str(number), "MessageBody": f"m{number}"} for number in range(3)]
    sent = await sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert {entry["Id"] for entry in sent["Successful"]} == {"0", "1", "2"}
    messages = await received(sdk_sqs, url)
    assert {message["Body"] for message in messages} == {"m0", "m1", "m2"}
    handles = [messages[0]["ReceiptHandle"], "no-handle"]
    deleted = await sqs.delete_message_batch(
        QueueUrl=url, Entries=[{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
    )
    assert [entry["Id"] for entry in deleted["Successful"]] == ["0"]
    assert [(entry["Id"], entry["Code"]) for entry in deleted["Failed"]] == [("1", "ReceiptHandleIsInvalid")]


async def test_a_message_is_received_as_by_the_sdk(sqs: Sqs, sdk_sqs: SQSClient, url: str) -> None:
    await sdk_sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=ATTRIBUTES, MessageGroupId="tenant")
    asked: Any = {
        "QueueUrl": url,
        "VisibilityTimeout": 0,
        "MessageAttributeNames": ["All"],
        "MessageSystemAttributeNames": ["All"],
    }
    (ours,), (theirs,) = (
        (await sqs.receive_message(**asked))["Messages"],
        (await sdk_sqs.receive_message(**asked))["Messages"],
    )
    assert ours.get("Attributes", {}).pop("ApproximateReceiveCount") == "1"
    assert theirs.get("Attributes", {}).pop("ApproximateReceiveCount") == "2"
    for message in (ours, theirs):
        message.pop("ReceiptHandle", None)
    assert ours == theirs


async def test_an_empty_queue_is_no_error(sqs: Sqs, url: str) -> None:
    assert not (await sqs.receive_message(QueueUrl=url)).get("Messages")


async def test_what_is_deleted_is_gone_and_what_is_shown_comes_again(sqs: Sqs, sdk_sqs: SQSClient, url: str) -> None:
    for body in "abcd":
        await sdk_sqs.send_message(QueueUrl=url, MessageBody=body)
    held = {str(message["Body"]): message["ReceiptHandle"] for message in await received(sdk_sqs, url)}
    assert set(held) == set("abcd")
    await sqs.delete_message(QueueUrl=url, ReceiptHandle=held["a"])
    await sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": "0", "ReceiptHandle": held["b"]}])
    await sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=held["c"], VisibilityTimeout=0)
    await sqs.change_message_visibility_batch(
        QueueUrl=url, Entries=[{"Id": "0", "ReceiptHandle": held["d"], "VisibilityTimeout": 0}]
    )
    assert {str(message["Body"]) for message in await received(sdk_sqs, url)} == {"c", "d"}


async def test_a_refusal_is_the_error_that_the_sdk_raises(sqs: Sqs, sdk_sqs: SQSClient, url: str) -> None:
    for request in ({"QueueName": "no-such-queue"}, {"QueueName": "not a name!"}):
        with pytest.raises(ClientError) as ours:
            await sqs.get_queue_url(**request)
        with pytest.raises(ClientError) as theirs:
            await sdk_sqs.get_queue_url(**request)
        assert ours.value.response.get("Error", {}).get("Code") == theirs.value.response.get("Error", {}).get("Code")
        assert str(ours.value) == str(theirs.value)
        assert _status(ours.value) == _status(theirs.value)


def _status(error: ClientError) -> int | None:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
