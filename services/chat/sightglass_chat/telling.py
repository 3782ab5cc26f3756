"""The events of one answer, stored as they come: each attempt goes on behind what somebody may have seen."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sightglass_chat import answer_queries as queries
from sightglass_chat import ledger_queries as ledger
from sightglass_common.announcing_queries import announce_turn
from sightglass_common.db import Db
from sightglass_common.job_context import JobContext

Event: TypeAlias = tuple[str, Mapping[str, Any]]


class Telling:
    """What one attempt tells of a turn. Its events stand only while no newer attempt has begun.

    documents: what it is told of. Nothing of them is told once one is deleted, or withheld.
    """

    def __init__(self, job: JobContext, turn_id: UUID, documents: Collection[UUID]) -> None:
        self._job = job
        self._turn_id = turn_id
        self._documents = documents
        self._number = 1
        self._begun = False  # whether a piece of an answer is there

    async def begin(self, retrieval: Mapping[str, Any]) -> None:
        """Tell what was found. What an earlier attempt has told of an answer is void from here.

        Raises SourcesChanged.
        """
        async with self._job.transaction() as db:
            self._number = await queries.next_number(db, self._turn_id)
            void: list[Event] = [("reset", {})] if self._number > 1 else []
            await self.add(db, [*void, ("retrieval", retrieval)])
            await queries.shown(db, self._turn_id, self._documents)
            await ledger.told(db, self._turn_id)

    async def tell(self, text: str) -> None:
        """Tell the next piece of the answer. Raises SourcesChanged."""
        if text:
            self._begun = True
            async with self._job.transaction() as db:
                await self.add(db, [("delta", {"text": text})])

    async def start_anew(self) -> None:
        """Take back what was told of the answer. Raises SourcesChanged."""
        if self._begun:
            self._begun = False
            async with self._job.transaction() as db:
                await self.add(db, [("reset", {})])

    async def add(self, db: Db, events: Sequence[Event]) -> None:
        """Add events in the caller's transaction. Raises SourcesChanged."""
        await queries.hold(db, self._documents)
        await queries.add_events(db, self._job.claim.tenant_id, self._turn_id, self._number, events)
        await announce_turn(db, self._turn_id)
        self._number += len(events)
