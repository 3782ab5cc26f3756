"""Reads a message of any queue for its operator: pure. It may be anything, that is why it is a dead letter."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from sightglass_api.queues.schemas import PeekedMessage

if TYPE_CHECKING:
    from types_aiobotocore_sqs.type_defs import MessageTypeDef

_SHOWN_CHARS: Final = 16_384


@dataclass(frozen=True, slots=True)
class Named:
    """What a body names, as far as it is one of ours."""

    type: str | None
    tenant_id: UUID | None
    job_id: UUID | None


def named(body: str) -> Named:
    """The type, tenant and job that a body names; None for what it does not."""
    try:
        event = _mapping(json.loads(body))
    except (ValueError, RecursionError):
        return Named(None, None, None)
    data = _mapping(event.get("data"))
    kind = event.get("type")
    return Named(kind if isinstance(kind, str) else None, _uuid(data.get("tenant_id")), _uuid(data.get("job_id")))


def peeked(message: "MessageTypeDef") -> PeekedMessage:
    """A received message as its operator sees it."""
    body, system = message.get("Body", ""), message.get("Attributes", {})
    reason = message.get("MessageAttributes", {}).get("reason")
    names = named(body)
    return PeekedMessage(
        id=message.get("MessageId", ""),
        type=names.type,
        tenant_id=names.tenant_id,
        job_id=names.job_id,
        reason=reason.get("StringValue") if reason else None,
        received_count=int(system.get("ApproximateReceiveCount", "0")),
        sent_at=datetime.fromtimestamp(int(system.get("SentTimestamp", "0")) / 1000, UTC),
        body=body[:_SHOWN_CHARS],
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
