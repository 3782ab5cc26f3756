"""A client of SQS whose calls go wrong as a test wants, and otherwise reach the real interface."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from botocore.exceptions import EndpointConnectionError

from sightglass_common.sqs import Sqs

Call = Callable[..., Awaitable[Any]]


class Faulty:
    """Counts calls by name, and lets the wrapped ones be replaced or fail."""

    def __init__(self, sqs: Sqs) -> None:
        self._sqs = sqs
        self.calls: list[str] = []
        self.instead: dict[str, Callable[[Call, dict[str, Any]], Awaitable[Any]]] = {}
        self.away = False

    @property
    def client(self) -> Sqs:
        """As what it passes for."""
        return cast("Sqs", cast("object", self))

    def __getattr__(self, name: str) -> Call:
        real: Call = getattr(self._sqs, name)

        async def call(**arguments: Any) -> Any:
            self.calls.append(name)
            if self.away:
                raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")
            if name in self.instead:
                return await self.instead[name](real, arguments)
            return await real(**arguments)

        return call

    def fail_first_entry(self, name: str, code: str = "InternalError") -> None:
        """Answer 200 to the batch call `name` each time, with its first entry failed and not carried out."""

        async def partly(real: Call, arguments: dict[str, Any]) -> Any:
            first, *rest = arguments["Entries"]
            answer = await real(**(arguments | {"Entries": rest})) if rest else {"Successful": []}
            return dict(answer) | {
                "Failed": [{"Id": first["Id"], "Code": code, "SenderFault": False, "Message": "as wanted"}]
            }

        self.instead[name] = partly
