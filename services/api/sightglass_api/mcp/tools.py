"""The tools that agents have. Each does what a route does, by the route's own function, and needs its permission."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from sightglass_api import cursors
from sightglass_api.auth import Tenant
from sightglass_api.bots import routes as bots
from sightglass_api.conversations.asking import ask_bot
from sightglass_api.conversations.following import Following
from sightglass_api.mcp import schemas
from sightglass_api.openai.completing import Told, whole
from sightglass_api.permissions import Permission, Role, permits
from sightglass_api.routing import Asked
from sightglass_api.scans import findings
from sightglass_api.scans import routes as scans
from sightglass_api.scans.schemas import Finding, Scan
from sightglass_api.search import routes as search
from sightglass_api.search import segments
from sightglass_api.search.schemas import Found, NewSearch, Segment


@dataclass(frozen=True, slots=True)
class Tool:
    """What an agent may call. run: with what was asked, of the class `asks`; gives one of the class `gives`.

    writes: whether something is kept of a call.
    """

    name: str
    description: str
    permission: Permission
    asks: type[Asked]
    gives: type[BaseModel]
    run: Callable[[Any, Tenant], Awaitable[BaseModel]]
    writes: bool = False


async def _search_segments(asked: schemas.SearchSegments, tenant: Tenant) -> BaseModel:
    return await search.search_segments(NewSearch(**asked.model_dump()), tenant)


async def _get_segment(asked: schemas.GetSegment, tenant: Tenant) -> BaseModel:
    async with tenant.transaction() as db:
        return await segments.get_segment(asked.segment_id, db)


async def _list_bots(_asked: schemas.ListBots, tenant: Tenant) -> BaseModel:
    async with tenant.transaction() as db:
        return schemas.Bots(bots=(await bots.list_bots(db, cursors.MOST)).items)


async def _ask_bot(asked: schemas.AskBot, tenant: Tenant) -> BaseModel:
    turn = await ask_bot(tenant, asked.bot, asked.question)
    told = Told(turn, asked.bot, int(tenant.context.clock.now().timestamp()))
    done = await whole(Following(tenant, turn.conversation_id, turn.turn_id), told)
    return schemas.Answered(
        answer=done.choices[0].message.content,
        generated=done.generated,
        citations=done.citations,
        conversation_id=done.conversation_id,
    )


async def _scan_status(asked: schemas.ScanStatus, tenant: Tenant) -> BaseModel:
    async with tenant.transaction() as db:
        return await scans.get_scan(asked.scan_id, db)


async def _list_findings(asked: schemas.ListFindings, tenant: Tenant) -> BaseModel:
    wanted = findings.Filters(detector=asked.detector)
    async with tenant.transaction() as db:
        if asked.scan_id is None:
            return await findings.list_findings(wanted, db, asked.limit, asked.cursor)
        return await findings.list_findings_of_scan(asked.scan_id, wanted, db, asked.limit, asked.cursor)


_EVERY: Final = (
    Tool(
        "search_segments",
        "Find the parts of documents and videos that answer a question best. Tokens such as [EMAIL#1] stand for what "
        "is sensitive; it cannot be had.",
        Permission.READ,
        schemas.SearchSegments,
        Found,
        _search_segments,
    ),
    Tool(
        "get_segment",
        "One part of a document, by the id that a search or a citation gave.",
        Permission.READ,
        schemas.GetSegment,
        Segment,
        _get_segment,
    ),
    Tool(
        "list_bots",
        "The bots that can be asked, with what each knows of.",
        Permission.READ,
        schemas.ListBots,
        schemas.Bots,
        _list_bots,
    ),
    Tool(
        "ask_bot",
        "Ask a bot a question and wait for its answer, with citations of where it stands.",
        Permission.ASK,
        schemas.AskBot,
        schemas.Answered,
        _ask_bot,
        writes=True,
    ),
    Tool(
        "scan_status",
        "How far a scan of a bucket for sensitive data has come, and how much it has found.",
        Permission.READ,
        schemas.ScanStatus,
        Scan,
        _scan_status,
    ),
    Tool(
        "list_findings",
        "Sensitive data that scans have found: where, of which kind, and masked. The values themselves are kept "
        "nowhere.",
        Permission.READ,
        schemas.ListFindings,
        cursors.Page[Finding],
        _list_findings,
    ),
)
TOOLS: Final = {tool.name: tool for tool in _EVERY}


def tools_of(role: Role) -> list[Tool]:
    """The tools that a role permits."""
    return [tool for tool in TOOLS.values() if permits(role, tool.permission)]
