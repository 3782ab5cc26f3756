"""`/mcp`: the Model Context Protocol over HTTP, stateless; the tenant is the key's alone."""

import asyncio
from importlib import import_module
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from sightglass_api.auth import CallersTenant, Tenant
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_common.errors import Forbidden

router = APIRouter(tags=["mcp"])


@router.post("/mcp", response_class=Response, **guarded(Permission.ASK))
async def answer_agent(tenant: CallersTenant, origin: Annotated[str | None, Header()] = None) -> Response:
    """Answer one message of an agent's client, in JSON. Each tool needs the permission of its route besides.

    What comes from a page in a browser is refused, whatever its address: a page whose name was made to mean this
    service would not be told from one of ours.
    """
    if origin is not None:
        raise Forbidden("Agents are answered here, no pages in browsers.")
    return _Answer(tenant)


class _Answer(Response):
    """An answer that the protocol's package writes."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__()
        self._tenant = tenant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request, and answer it."""
        # In a thread, as its first import takes half a second, in which others are answered.
        serving = await asyncio.to_thread(import_module, "sightglass_api.mcp.serving")
        await serving.serve(self._tenant, scope, receive, send)
