"""Create the queues and the platform's bucket where there is no infrastructure that made them."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sightglass_common.queues import QUEUES, Queue

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

    from sightglass_common.sqs import Sqs

# SQS keeps a message 4 days by default, 14 at most: what waits for a person gets the most.
_DLQ_RETENTION_S = 14 * 24 * 3600
# An upload that was begun and left costs storage until it is aborted; links to its parts are dead after an hour.
_ABORT_UPLOADS_AFTER_DAYS = 1


async def provision_queues(sqs: "Sqs", prefix: str = "", *, queues: Iterable[Queue[Any]] = QUEUES) -> None:
    """Create each queue with its dead-letter queue. Those that exist are left as they are."""
    for queue in queues:
        await _create(sqs, queue, prefix)


async def _create(sqs: "Sqs", queue: Queue[Any], prefix: str) -> None:
    dead = await sqs.create_queue(
        QueueName=prefix + queue.dead_letters, Attributes={"MessageRetentionPeriod": str(_DLQ_RETENTION_S)}
    )
    answer = await sqs.get_queue_attributes(QueueUrl=dead["QueueUrl"], AttributeNames=["QueueArn"])
    redrive = {"deadLetterTargetArn": answer["Attributes"]["QueueArn"], "maxReceiveCount": queue.max_receives}
    await sqs.create_queue(
        QueueName=prefix + queue.name,
        Attributes={
            "VisibilityTimeout": str(queue.visibility_timeout_s),
            "ReceiveMessageWaitTimeSeconds": "20",
            "RedrivePolicy": json.dumps(redrive),
        },
    )


async def provision_bucket(s3: "S3Client", bucket: str) -> None:
    """Create the platform's bucket when it is not there, with a rule that aborts forgotten multipart uploads."""
    names = {entry.get("Name") for entry in (await s3.list_buckets()).get("Buckets", [])}
    if bucket not in names:
        await s3.create_bucket(Bucket=bucket)
    await s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "abort-forgotten-uploads",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _ABORT_UPLOADS_AFTER_DAYS},
                }
            ]
        },
    )
