"""Reveals, and what is noted of them, as clients see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from sightglass_api.analyses.schemas import is_storable
from sightglass_api.routing import Asked


def _said(text: str) -> str:
    if not text.strip():
        message = "say why"
        raise ValueError(message)
    return text.strip()


class RevealRequest(Asked):
    """Why a value must be seen; it is noted for good."""

    reason: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(is_storable), AfterValidator(_said)]


class Revealed(BaseModel):
    """A value as it stands in the object now. It was read for this answer, and is kept nowhere."""

    finding_id: UUID
    value: str = Field(description="Bytes that are no text are replaced.")


class AuditEntry(BaseModel):
    """Something that was done, or tried, and is noted for good."""

    audit_id: UUID
    at: datetime
    key_id: str
    action: str
    call_id: UUID = Field(description="The same for all entries about one call.")
    finding_id: UUID
    reason: str
    outcome: str = Field(description="`asked`, then `given`, or the code of the error that was answered.")
