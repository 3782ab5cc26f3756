"""Queues as their operator sees them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field


class QueueDepth(BaseModel):
    """A queue, with how many messages it holds; the numbers are SQS's, and approximate."""

    name: str
    visible: int
    in_flight: int
    delayed: int
    dead_letters: int


class QueueDepths(BaseModel):
    """All queues."""

    items: list[QueueDepth]


class PeekedMessage(BaseModel):
    """A message that lies in a queue."""

    id: str
    type: str | None
    tenant_id: UUID | None
    job_id: UUID | None
    reason: str | None = Field(description="Why it is in a dead-letter queue.")
    received_count: int
    sent_at: datetime
    body: str = Field(description="At most 16,384 characters of it.")


class PeekedMessages(BaseModel):
    """Some of a queue's messages."""

    items: list[PeekedMessage]


class RedriveRequest(BaseModel):
    """How many dead letters to take."""

    limit: int = Field(default=1000, ge=1, le=1000)


class Redriven(BaseModel):
    """What became of the dead letters. `redriven` counts all of them, those whose job is retried too."""

    redriven: int
    jobs_retried: int
