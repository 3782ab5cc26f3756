"""An export on its way: read by a cursor of the database, written in pieces, held nowhere as a whole."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final, Self
from uuid import UUID

from starlette.responses import StreamingResponse
from starlette.types import Send

from sightglass_api.auth import Tenant
from sightglass_api.exports.writers import Writer
from sightglass_api.scans import finding_queries, queries
from sightglass_common.errors import DependencyUnavailable

# The database ends the transaction of a client that takes nothing for so long; the stream then breaks.
_PATIENCE_S: Final = 60


async def pieces(
    tenant: Tenant, writer: Writer, *, filters: Mapping[str, object], scan_id: UUID | None
) -> AsyncGenerator[bytes]:
    """An export, piece by piece; the first comes when nothing more can be refused.

    Raises ScanNotFound, RateLimited; later DependencyUnavailable when the service is to stop.
    """
    context = tenant.context
    context.exports.begin(context.settings.exports_at_once)
    try:
        async with tenant.transaction() as db:
            await finding_queries.give_up_after(db, _PATIENCE_S)
            if scan_id is not None:
                await queries.scan(db, scan_id)
            async with aclosing(finding_queries.every(db, filters, scan_id)) as found:
                yield writer.begin().encode()
                async for rows in found:
                    yield writer.some(rows).encode()
                    if context.stopping.is_set():
                        # What was sent is not whole, and must not look so.
                        raise DependencyUnavailable("The service is about to stop.")
            yield writer.end().encode()
    finally:
        context.exports.end()


class ExportResponse(StreamingResponse):
    """An export as an answer; whatever ends it, its cursor is closed."""

    @classmethod
    async def of(cls, found: AsyncGenerator[bytes], *, media_type: str, filename: str) -> Self:
        """The answer, once its first piece is there. Raises what that raises. filename: in plain signs."""
        first = await anext(found)
        answer = cls(_after(first, found), media_type=media_type)
        answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
        answer.source = found
        return answer

    source: AsyncGenerator[bytes]

    async def stream_response(self, send: Send) -> None:
        """Send it. A failure on the way breaks the connection off, so that nobody takes a part for the whole."""
        async with aclosing(self.source):
            await super().stream_response(send)


async def _after(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    if first:
        yield first
    async for piece in rest:
        if piece:
            yield piece
