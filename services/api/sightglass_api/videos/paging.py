"""Pages of what an analysis found in a video: which analysis is meant, and where its list goes on."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypeVar
from uuid import UUID

from fastapi import Depends, Query

from sightglass_api import cursors
from sightglass_api.analyses import queries as analyses
from sightglass_api.auth import Tenant
from sightglass_api.videos import queries
from sightglass_api.videos.rules import position_of
from sightglass_common.db import Db
from sightglass_common.errors import AnalysisNotFound

R = TypeVar("R")
# Rows of an analysis that lie after a place in its list ("": from the beginning), so many at most.
Read: TypeAlias = Callable[[Db, UUID, str, int], Awaitable[Sequence[R]]]

AnalysisId = Annotated[
    UUID | None,
    Query(
        description="Default: the newest exact one that has a result; until there is one, the newest preview, "
        "which may be under way."
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for: a page of an analysis of a video."""

    video_id: UUID
    analysis_id: AnalysisId = None
    limit: cursors.Limit = 50
    cursor: cursors.Cursor = None


AskedPage = Annotated[Asked, Depends(Asked)]


async def page_of(
    tenant: Tenant, asked: Asked, listing: str, read: Read[R], place: Callable[[R], object]
) -> tuple[UUID | None, cursors.Page[R]]:
    """The analysis that is meant, None without any, and a page of what `read` gives of it.

    Raises VideoNotFound, AnalysisNotFound, InvalidCursor.
    """
    name = f"{listing}:{asked.video_id}:{asked.analysis_id or ''}"
    async with tenant.transaction() as db:
        # A cursor goes on with the analysis that it began with, also when a newer one has finished since.
        chosen, after = await _position(db, asked, cursors.decode(name, asked.cursor))
        rows: Sequence[R] = [] if chosen is None else await read(db, chosen, after, asked.limit + 1)
    return chosen, cursors.page(name, rows, asked.limit, lambda row: f"{chosen}:{place(row)}")


async def chosen_analysis(db: Db, video_id: UUID, analysis_id: UUID | None) -> UUID | None:
    """The analysis that was named, else the one that stands for the video; None without any.

    Raises VideoNotFound, and AnalysisNotFound when the one that was named is of another video.
    """
    await queries.video(db, video_id)
    if analysis_id is None:
        return await analyses.default_of(db, video_id)
    if (await analyses.analysis(db, analysis_id)).video_id != video_id:
        raise AnalysisNotFound
    return analysis_id


async def _position(db: Db, asked: Asked, position: str | None) -> tuple[UUID | None, str]:
    if position is None:
        return await chosen_analysis(db, asked.video_id, asked.analysis_id), ""
    await queries.video(db, asked.video_id)
    return position_of(position)
