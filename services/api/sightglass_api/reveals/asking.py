"""Asks a scanner for a value: the question and its note in one transaction, the answer opened here and nowhere else."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sightglass_api.auth import Tenant
from sightglass_api.reveals import queries
from sightglass_common import outbox
from sightglass_common.errors import (
    FindingNotFound,
    FindingOnScreen,
    RateLimited,
    RevealTimedOut,
    SightglassError,
    all_errors,
)
from sightglass_common.ids import new_id
from sightglass_common.messages import RevealFinding, wrap
from sightglass_common.queues import FINDING_REVEALS
from sightglass_common.sealed import NotForUs, Seal

_LOOK_EVERY_S: Final = 0.1
_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what, and why."""

    tenant: Tenant
    finding_id: UUID
    reason: str
    reveal_id: UUID

    @classmethod
    def of(cls, tenant: Tenant, finding_id: UUID, reason: str) -> "Call":
        """A call of its own id."""
        return cls(tenant, finding_id, reason, new_id())

    async def value(self) -> bytes:
        """The value, once every note of it stands.

        Raises FindingNotFound, FindingOnScreen, RateLimited, RevealTimedOut, and what the scanner has answered.
        """
        seal = Seal()
        await self._ask(seal.public_key)
        try:
            value = seal.open(await self._answer(), self.reveal_id.bytes)
        except NotForUs as error:
            await self._end(SightglassError.code)
            raise SightglassError from error
        except SightglassError as error:
            await self._end(error.code)
            raise
        await self._end("given")
        return value

    async def _ask(self, public_key: bytes) -> None:
        refusal = await self._asked(public_key)
        if refusal is not None:
            raise refusal
        self.tenant.context.hint.ring()

    async def _asked(self, public_key: bytes) -> SightglassError | None:
        """What it is refused with; that is noted as well, so nothing may be raised before the commit."""
        most = self.tenant.context.settings.reveals_a_minute
        message = RevealFinding(tenant_id=self.tenant.tenant_id, reveal_id=self.reveal_id)
        async with self.tenant.transaction() as db:
            await queries.one_at_a_time(db, self.tenant.tenant_id)
            refusal: SightglassError | None = None
            if await queries.asked_lately(db) >= most:
                refusal = RateLimited(f"{most} values a minute may be asked for.", retry_after_s=_MINUTE_S)
            elif await queries.shown(db, self.finding_id):
                refusal = FindingOnScreen(
                    "A picture shows it: the finding's `locator` tells where, in a video also when."
                )
            elif not await queries.ask(db, self.reveal_id, self.finding_id, public_key):
                refusal = FindingNotFound()
            else:
                await outbox.post(db, FINDING_REVEALS, wrap(message, source="api", trace=self.tenant.trace))
            await queries.note(db, self._noted(), refusal.code if refusal else "asked")
        return refusal

    async def _answer(self) -> bytes:
        end = time.monotonic() + self.tenant.context.settings.reveal_wait_s
        while time.monotonic() < end:
            async with self.tenant.transaction() as db:
                row = await queries.answered(db, self.reveal_id)
            if row is None:
                break
            if row.answer is not None:
                return row.answer
            if row.error_code is not None:
                raise _error_of(row.error_code)
            await asyncio.sleep(_LOOK_EVERY_S)
        raise RevealTimedOut

    async def _end(self, outcome: str) -> None:
        """The sealed answer goes, and how it ended is noted, together: before anybody is told."""
        async with self.tenant.transaction() as db:
            await queries.forget(db, self.reveal_id)
            await queries.note(db, self._noted(), outcome)

    def _noted(self) -> dict[str, object]:
        return {
            "tenant_id": self.tenant.tenant_id,
            "key_id": self.tenant.caller.key_id,
            "call_id": self.reveal_id,
            "finding_id": self.finding_id,
            "reason": self.reason,
        }


def _error_of(code: str) -> SightglassError:
    known = {error.code: error for error in all_errors()}
    return known.get(code, SightglassError)()
