"""Bots: what questions are answered from, under a name; each change is a version."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, Tenant, TenantDb
from sightglass_api.bots import queries
from sightglass_api.bots.queries import BotRow
from sightglass_api.bots.schemas import Bot, BotChanges, BotVersion, NewBot
from sightglass_api.datasets import queries as datasets
from sightglass_api.permissions import Permission
from sightglass_api.providers import queries as providers
from sightglass_api.routing import guarded
from sightglass_api.search.asking import as_stored
from sightglass_common.dataset_errors import (
    BotNameTaken,
    BotNotFound,
    DatasetNotFound,
    ModelWithoutProvider,
    ProviderNotFound,
)
from sightglass_common.db import Db
from sightglass_common.errors import InvalidCursor, InvalidRequest, RateLimited
from sightglass_common.ids import new_id

router = APIRouter(prefix="/v1/bots", tags=["bots"])


# Of these null is a value: any dataset, no provider of its own, what the provider has.
_MAY_BE_NULL: Final = ("dataset_ids", "provider_id", "model", "temperature", "language")
_TEXTS: Final = ("name", "description", "greeting", "system_prompt")


@router.post(
    "",
    status_code=201,
    **guarded(Permission.BOTS, BotNameTaken, DatasetNotFound, ProviderNotFound, RateLimited, body=True),
)
async def create_bot(new: NewBot, tenant: CallersTenant, response: Response) -> Bot:
    """Make a bot: conversations that begin with it are answered from its datasets."""
    bot_id = new_id()
    told = await _told(tenant, new)
    async with tenant.transaction() as db:
        await _check(db, new)
        await queries.insert(db, tenant.tenant_id, bot_id, told)
        row = await queries.bot(db, bot_id)
    response.headers["Location"] = f"/v1/bots/{bot_id}"
    return _bot(row)


@router.get("", **guarded(Permission.READ, InvalidCursor))
async def list_bots(db: TenantDb, limit: cursors.Limit = 50, cursor: cursors.Cursor = None) -> cursors.Page[Bot]:
    """The tenant's bots, the newest first."""
    rows = await queries.bots(db, before=cursors.decode_id("bots", cursor), limit=limit + 1)
    return cursors.page("bots", [_bot(row) for row in rows], limit, lambda one: str(one.bot_id))


@router.get("/{bot_id}", **guarded(Permission.READ, BotNotFound))
async def get_bot(bot_id: UUID, db: TenantDb) -> Bot:
    """One bot, as conversations that begin now have it."""
    return _bot(await queries.bot(db, bot_id))


@router.get("/{bot_id}/versions", **guarded(Permission.READ, BotNotFound, InvalidCursor))
async def list_versions(
    bot_id: UUID, db: TenantDb, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[BotVersion]:
    """What a bot was told, the newest first."""
    await queries.bot(db, bot_id)
    listing = f"versions {bot_id}"
    rows = await queries.versions(db, bot_id, before=cursors.decode_number(listing, cursor), limit=limit + 1)
    found = [BotVersion.model_validate(row, from_attributes=True) for row in rows]
    return cursors.page(listing, found, limit, lambda one: str(one.version))


@router.patch(
    "/{bot_id}",
    **guarded(
        Permission.BOTS,
        BotNotFound,
        BotNameTaken,
        DatasetNotFound,
        ProviderNotFound,
        ModelWithoutProvider,
        RateLimited,
        body=True,
    ),
)
async def change_bot(bot_id: UUID, changes: BotChanges, tenant: CallersTenant) -> Bot:
    """Change a bot. Conversations that have begun keep to what it was; its name is of all of them."""
    told = await _told(tenant, changes)
    async with tenant.transaction() as db:
        await _check(db, changes)
        await queries.change(db, tenant.tenant_id, bot_id, told)
        return _bot(await queries.bot(db, bot_id))


@router.delete("/{bot_id}", status_code=204, **guarded(Permission.BOTS, BotNotFound))
async def delete_bot(bot_id: UUID, db: TenantDb) -> None:
    """End a bot: it takes no more questions. What was said with it stays."""
    await queries.delete(db, bot_id)


async def _told(tenant: Tenant, given: NewBot | BotChanges) -> dict[str, Any]:
    """What was given, as it may be stored; of a change, no field that was left out or is null where none may be."""
    told: dict[str, Any] = {
        name: await as_stored(tenant, text) for name in _TEXTS if (text := getattr(given, name)) is not None
    }
    if given.model is not None and await as_stored(tenant, given.model) != given.model:
        raise InvalidRequest(
            "/model: holds something sensitive.", errors=[{"pointer": "/model", "detail": "holds something sensitive."}]
        )
    whole = isinstance(given, NewBot)
    told |= {name: getattr(given, name) for name in _MAY_BE_NULL if whole or name in given.model_fields_set}
    if told.get("dataset_ids") is not None:
        told["dataset_ids"] = sorted(set(told["dataset_ids"]))
    if given.allowed_origins is not None:
        told["allowed_origins"] = given.allowed_origins
    return told


async def _check(db: Db, given: NewBot | BotChanges) -> None:
    """Raises DatasetNotFound and ProviderNotFound for what the tenant does not have."""
    if given.dataset_ids is not None and not set(given.dataset_ids) <= set(await datasets.live(db)):
        raise DatasetNotFound
    if given.provider_id is not None:
        await providers.provider(db, given.provider_id)


def _bot(row: BotRow) -> Bot:
    return Bot.model_validate(row, from_attributes=True)
