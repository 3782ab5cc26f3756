"""What SQS's JSON protocol answers: a result, or an error by the names that the SDK has for it."""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004

# SQS's own words for "not now".
THROTTLED: Final = frozenset({"RequestThrottled", "Throttling", "ThrottlingException", "OverLimit", "SlowDown"})
_PASSING_STATUS: Final = frozenset({429, 500, 502, 503, 504})


def code_of(error: ClientError) -> str:
    """SQS's name for what went wrong, without the name space that some have."""
    return error.response.get("Error", {}).get("Code", "").rpartition(".")[2]


def passes(error: BotoCoreError | ClientError) -> bool:
    """Whether a new try may help."""
    if not isinstance(error, ClientError):
        return isinstance(error, HTTPClientError | ConnectionError)
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in _PASSING_STATUS or (
        code_of(error) in THROTTLED
    )


def read(operation: str, status: int, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
    """The result of an operation. Raises the ClientError that it answered, HTTPClientError when it is no answer."""
    try:
        answer: Any = json.loads(content) if content else {}
    except ValueError:
        answer = None  # a proxy's page
    if status < 300 and not isinstance(answer, dict):
        raise HTTPClientError(error=f"SQS answered {status} with what is no result")
    found = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    if status < 300:
        return found
    raise _error(operation, status, headers, found)


def _error(operation: str, status: int, headers: Mapping[str, str], answer: dict[str, Any]) -> ClientError:
    # As the SDK names them: the older protocol's code, which stands in a header, goes before the JSON one's.
    older: str = headers.get("x-amzn-query-error", "").partition(";")[0]
    code = older or str(answer.get("__type", "")).rpartition("#")[2] or str(status)
    message = str(answer.get("message") or answer.get("Message") or "")
    metadata: Any = {"HTTPStatusCode": status, "RequestId": headers.get("x-amzn-requestid", "")}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, operation)
