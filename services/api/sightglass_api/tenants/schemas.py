"""Answers about the caller and its tenant."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from sightglass_api.permissions import Role


class WhoAmI(BaseModel):
    """The key of this request."""

    tenant_id: UUID
    tenant_name: str
    role: Role
    key_id: str


class LinkedBucket(BaseModel):
    """A bucket whose objects the tenant may have analysed."""

    bucket: str
    linked_at: datetime


class LinkedBuckets(BaseModel):
    """All of the tenant's buckets."""

    items: list[LinkedBucket]
