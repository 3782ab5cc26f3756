"""Publishable keys of bots: made, listed and revoked by whoever may change bots."""

from uuid import UUID

from fastapi import APIRouter, Response

from sightglass_api import cursors, keys
from sightglass_api.auth import CallersTenant, TenantDb
from sightglass_api.bots import queries as bots
from sightglass_api.bots.queries import BotRow
from sightglass_api.permissions import Permission, Role
from sightglass_api.routing import guarded
from sightglass_api.tenants import queries as tenants
from sightglass_api.widget import queries
from sightglass_api.widget.queries import PublishedRow
from sightglass_api.widget.schemas import NewPublishableKey, PublishableKey, PublishableKeys
from sightglass_common.dataset_errors import BotNotFound
from sightglass_common.errors import InvalidRequest, KeyNotFound

router = APIRouter(prefix="/v1/bots/{bot_id}/publishable-keys", tags=["widget"])


@router.post("", status_code=201, **guarded(Permission.BOTS, BotNotFound, body=True))
async def publish_bot(
    bot_id: UUID, new: NewPublishableKey, tenant: CallersTenant, response: Response
) -> PublishableKey:
    """Let visitors of pages ask a bot. Their answers are of all that it has."""
    key = keys.new_key(keys.PUBLISHABLE)
    async with tenant.transaction() as db:
        bot = await bots.bot(db, bot_id)
        _check(new, bot)
        await tenants.insert_key(
            db, tenant.tenant_id, key.key_id, key.sha256, name=f"widget of {bot.name}", role=Role.VISITOR.value
        )
        told = new.model_dump() | {"key_id": key.key_id, "key": str(key), "bot_id": bot_id}
        await queries.insert(db, tenant.tenant_id, told)
        row = await queries.published(db, key.key_id)
    response.headers["Location"] = f"/v1/bots/{bot_id}/publishable-keys/{key.key_id}"
    return _key(row)


@router.get("", **guarded(Permission.READ, BotNotFound))
async def list_publishable_keys(bot_id: UUID, db: TenantDb) -> PublishableKeys:
    """A bot's publishable keys, the newest two hundred. They are no secrets: pages show them."""
    await bots.bot(db, bot_id)
    return PublishableKeys(items=[_key(row) for row in await queries.of_bot(db, bot_id, limit=cursors.MOST)])


@router.delete("/{key_id}", status_code=204, **guarded(Permission.BOTS, KeyNotFound))
async def revoke_publishable_key(bot_id: UUID, key_id: str, db: TenantDb) -> None:
    """End a key, and the answers that are on their way to its visitors."""
    if (await queries.published(db, key_id)).bot_id != bot_id:
        raise KeyNotFound
    await tenants.revoke_key(db, key_id)


def _check(new: NewPublishableKey, bot: BotRow) -> None:
    others = sorted(set(new.origins) - set(bot.allowed_origins)) if bot.allowed_origins else []
    if others:
        detail = f"The bot is not for pages of {', '.join(others)}: see its allowed_origins."
        raise InvalidRequest(f"/origins: {detail}", errors=[{"pointer": "/origins", "detail": detail}])


def _key(row: PublishedRow) -> PublishableKey:
    return PublishableKey.model_validate(row, from_attributes=True)
