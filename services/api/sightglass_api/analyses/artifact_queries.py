"""All SQL that reads the files of analyses."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """A file in the platform's bucket. The table's own check allows no other kinds, and the query adds two."""

    name: str
    kind: Literal["sprite", "storyboard", "overlay", "overlay_vtt", "tracks"]
    object_key: str
    content_type: str
    size_bytes: int | None
    start_us: int | None
    end_us: int | None


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk of an overlay. chunk_us: the length of the longest, which is that of all but the last."""

    object_key: str
    start_us: int
    end_us: int
    chunk_us: int


# Sprite and storyboard are named by the analysis itself.
_ARTIFACTS: Final = """
    SELECT name, kind, object_key, content_type, size_bytes, start_us, end_us
    FROM (SELECT name, kind, object_key, content_type, size_bytes, start_us, end_us
          FROM artifact WHERE analysis_id = %(analysis_id)s
          UNION ALL
          SELECT 'sprite.jpg', 'sprite', sprite_key, 'image/jpeg', NULL, NULL, NULL
          FROM analysis WHERE analysis_id = %(analysis_id)s AND sprite_key IS NOT NULL
          UNION ALL
          SELECT 'storyboard.vtt', 'storyboard', storyboard_key, 'text/vtt', NULL, NULL, NULL
          FROM analysis WHERE analysis_id = %(analysis_id)s AND storyboard_key IS NOT NULL) AS made
"""
_PAGE: Final = _ARTIFACTS + " WHERE name > %(after)s ORDER BY name LIMIT %(limit)s"
_OF_THE_WHOLE: Final = _ARTIFACTS + " WHERE start_us IS NULL ORDER BY name"
_CHUNKS: Final = """
    SELECT object_key, start_us, end_us,
           (SELECT max(c.end_us - c.start_us) FROM artifact c
            WHERE c.analysis_id = %(analysis_id)s AND c.kind = 'overlay') AS chunk_us
    FROM artifact
    WHERE analysis_id = %(analysis_id)s AND kind = 'overlay' AND start_us IS NOT NULL AND end_us > %(from_us)s
    ORDER BY start_us LIMIT %(limit)s
"""


async def artifacts(db: Db, analysis_id: UUID, *, after: str, limit: int) -> list[ArtifactRow]:
    """The files of an analysis by name, those after `after`."""
    values = {"analysis_id": analysis_id, "after": after, "limit": limit}
    async with db.cursor(row_factory=class_row(ArtifactRow)) as cursor:
        return await (await cursor.execute(_PAGE, values)).fetchall()


async def artifacts_of_the_whole(db: Db, analysis_id: UUID) -> list[ArtifactRow]:
    """The files of an analysis that are about all of its video: a handful."""
    async with db.cursor(row_factory=class_row(ArtifactRow)) as cursor:
        return await (await cursor.execute(_OF_THE_WHOLE, {"analysis_id": analysis_id})).fetchall()


async def chunks(db: Db, analysis_id: UUID, *, from_us: int, limit: int) -> list[ChunkRow]:
    """The chunks of an analysis' overlay in order of time, those that end after `from_us`."""
    values = {"analysis_id": analysis_id, "from_us": from_us, "limit": limit}
    async with db.cursor(row_factory=class_row(ChunkRow)) as cursor:
        return await (await cursor.execute(_CHUNKS, values)).fetchall()
