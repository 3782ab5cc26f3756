"""All SQL of reveals."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from sightglass_common.db import Db

# Any scan that has found it looks for it again; the newest knows the most.
_ASKED: Final = """
    SELECT r.public_key, f.bucket, f.object_key, f.version, f.finding_id,
           (SELECT s.scan_id FROM scan_finding s WHERE s.tenant_id = f.tenant_id AND s.finding_id = f.finding_id
              AND f.locator->>'kind' NOT IN ('screen', 'image')
            ORDER BY s.scan_id DESC LIMIT 1) AS scan_id
    FROM reveal r JOIN finding f ON f.tenant_id = r.tenant_id AND f.finding_id = r.finding_id
    WHERE r.reveal_id = %(reveal_id)s AND r.answer IS NULL AND r.error_code IS NULL
"""
_ANSWER: Final = """
    UPDATE reveal SET answer = %(answer)s, error_code = %(error_code)s
    WHERE reveal_id = %(reveal_id)s AND answer IS NULL AND error_code IS NULL
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A finding whose value somebody waits for. scan_id: of a scan that has found it; None: it is known no more."""

    public_key: bytes
    bucket: str
    object_key: str
    version: str
    finding_id: UUID
    scan_id: UUID | None


async def asked(db: Db, reveal_id: UUID) -> Asked | None:
    """What is asked for; None when nobody waits any more, or it is answered."""
    async with db.cursor(row_factory=class_row(Asked)) as cursor:
        await cursor.execute(_ASKED, {"reveal_id": reveal_id})
        return await cursor.fetchone()


async def answer(db: Db, reveal_id: UUID, sealed: bytes | None, error_code: str | None) -> None:
    """Answer, if somebody still waits."""
    await db.execute(_ANSWER, {"reveal_id": reveal_id, "answer": sealed, "error_code": error_code})
