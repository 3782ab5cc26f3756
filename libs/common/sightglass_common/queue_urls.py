"""The addresses of queues, asked for once by name."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sightglass_common.sqs import Sqs


class QueueUrls:
    """Addresses by a queue's name. A queue made anew keeps its address, so they are kept for good.

    prefix: stands before every queue's name.
    """

    def __init__(self, sqs: "Sqs", prefix: str = "") -> None:
        self._sqs = sqs
        self._prefix = prefix
        self._known: dict[str, str] = {}

    async def of(self, name: str) -> str:
        """The address. Raises ClientError when there is no such queue."""
        if name not in self._known:
            answer = await self._sqs.get_queue_url(QueueName=self._prefix + name)
            self._known[name] = answer["QueueUrl"]
        return self._known[name]
