"""How the service and what it needs are doing."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field


class Alive(BaseModel):
    """It answers."""

    status: Literal["ok"] = "ok"


class Check(BaseModel):
    """One dependency."""

    ok: bool
    latency_ms: float
    detail: str | None = None


class Health(BaseModel):
    """All dependencies."""

    status: Literal["ok", "degraded"]
    version: str
    checks: dict[str, Check]


class PipelineResult(BaseModel):
    """What became of the one-second video."""

    ok: bool
    detail: str | None = Field(description="Why it is not ok.")
    seconds: dict[str, float] = Field(description="queued, running, total, and each stage.")
    job_id: UUID
    checked_at: datetime
    cached: bool = Field(description="Whether this is the result of an earlier call.")
