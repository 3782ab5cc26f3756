"""Schedules as clients ask for them and see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from sightglass_api.routing import Asked
from sightglass_api.scans.schemas import NewScan

_Cron = Annotated[str, Field(max_length=200, description="As `30 3 * * 1-5`: five fields.")]
_Zone = Annotated[str, Field(max_length=64, description="A name of the IANA database.")]


class NewSchedule(Asked):
    """What is to be scanned again and again, and when."""

    cron: _Cron
    timezone: _Zone = "UTC"
    scan: NewScan
    paused: bool = False


class ScheduleChange(Asked):
    """What is to be another way; what is left out stays. A time that was due while it was paused is not made up for."""

    cron: _Cron | None = None
    timezone: _Zone | None = None
    scan: NewScan | None = None
    paused: bool | None = None


class Schedule(BaseModel):
    """What is scanned again and again, and what came of it."""

    schedule_id: UUID
    cron: str
    timezone: str
    scan: NewScan
    paused: bool
    next_at: datetime | None = Field(description="Null while it is paused.")
    last_at: datetime | None = Field(description="The due time that was done last.")
    last_scan_id: UUID | None = Field(description="The scan that was begun last.")
    started: int
    skipped: int = Field(description="Due times at which the scan before was still under way.")
    refused: int = Field(description="Due times at which no scan could begin: `error_code` says why.")
    error_code: str | None = Field(description="Of the due time done last.")
    error_detail: str | None
    created_at: datetime
