"""Message attributes that our messages carry beside their body: the trace, and why one is dead."""

import json
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from types_aiobotocore_sqs.type_defs import MessageAttributeValueTypeDef

_LONGEST: Final = 1000


def attributes(body: str, **texts: str | None) -> "dict[str, MessageAttributeValueTypeDef]":
    """`traceparent` of the envelope in `body`, if there is one, and each of `texts` that says something."""
    values = {"traceparent": _traceparent(body), **texts}
    return {name: {"DataType": "String", "StringValue": _clean(text)} for name, text in values.items() if text}


def _traceparent(body: str) -> str | None:
    try:
        event: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict):
        return None
    traceparent = cast("dict[str, Any]", event).get("traceparent")
    return traceparent if isinstance(traceparent, str) else None


def _clean(text: str) -> str:
    # SQS takes no control characters, and a surrogate cannot be encoded at all.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:_LONGEST])
