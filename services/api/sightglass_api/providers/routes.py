"""Providers: added, looked at, changed and removed. The API seals their keys, and cannot open them again."""

from dataclasses import asdict, replace
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import SecretStr

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, Tenant
from sightglass_api.permissions import Permission
from sightglass_api.providers import queries
from sightglass_api.providers.queries import ProviderRow, TestRow
from sightglass_api.providers.schemas import NewProvider, Provider, ProviderChanges, ProviderTest
from sightglass_api.routing import guarded
from sightglass_api.search.asking import as_stored
from sightglass_api.tenants import queries as tenants
from sightglass_common import outbox
from sightglass_common.addresses import AddressRefused, check_reachable, hosts_of
from sightglass_common.dataset_errors import ProviderKeysOff, ProviderNameTaken, ProviderNotFound, ProviderNotTested
from sightglass_common.errors import InvalidCursor, InvalidRequest, RateLimited
from sightglass_common.ids import PLATFORM_TENANT, new_id
from sightglass_common.messages import TryProvider, wrap
from sightglass_common.queues import PROVIDER_TESTS

_LISTING: Final = "providers"
_NAME_CHARS: Final = 200
_PLATFORMS: Final = "/v1/admin/"


async def owner_of(request: Request, tenant: CallersTenant) -> Tenant:
    """Whose providers a route is about: those of the caller's tenant, or the platform's, of a tenant without keys."""
    if not request.url.path.startswith(_PLATFORMS):
        return tenant
    return replace(tenant, caller=replace(tenant.caller, tenant_id=PLATFORM_TENANT))


Owner = Annotated[Tenant, Depends(owner_of)]


async def create_provider(new: NewProvider, owner: Owner, request: Request, response: Response) -> Provider:
    """Add a provider. From the next question on its model writes answers, if it is first in rank.

    One of the platform is asked for all tenants, after those of their own; its `tokens_a_month` are for each of them.
    """
    await _check(owner, new.address)
    provider_id = new_id()
    columns: dict[str, Any] = {
        **new.model_dump(exclude={"api_key"}),
        "name": await as_stored(owner, new.name, most_chars=_NAME_CHARS),
        "tenant_id": owner.tenant_id,
        "provider_id": provider_id,
        "base_url": new.address,
        "region": new.region or "",
        "sealed_key": _sealed(owner, provider_id, new.address, new.api_key),
    }
    async with owner.transaction() as db:
        if owner.tenant_id == PLATFORM_TENANT:
            await tenants.ensure_tenant(db, PLATFORM_TENANT, tenants.PLATFORM_TENANT_NAME)
        await queries.insert(db, columns)
        row = await queries.provider(db, provider_id)
    response.headers["Location"] = f"{request.url.path}/{provider_id}"
    return _provider(row)


async def list_providers(
    owner: Owner, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[Provider]:
    """Providers, the newest first."""
    async with owner.transaction() as db:
        rows = await queries.providers(db, before=cursors.decode_id(_LISTING, cursor), limit=limit + 1)
    return cursors.page(_LISTING, [_provider(row) for row in rows], limit, lambda one: str(one.provider_id))


async def get_provider(provider_id: UUID, owner: Owner) -> Provider:
    """One provider, with what it was used for this month."""
    async with owner.transaction() as db:
        return _provider(await queries.provider(db, provider_id))


async def change_provider(provider_id: UUID, changes: ProviderChanges, owner: Owner) -> Provider:
    """Change a provider. A key goes to no other address than that which it was given for."""
    async with owner.transaction() as db:
        await queries.provider(db, provider_id)
    if changes.base_url is not None:
        await _check(owner, changes.base_url)
    columns = changes.columns()
    if "name" in columns:
        columns["name"] = await as_stored(owner, columns["name"], most_chars=_NAME_CHARS)
    async with owner.transaction() as db:
        row = await queries.provider(db, provider_id, lock=True)
        base_url = changes.base_url or row.base_url
        if base_url != row.base_url and row.has_key and changes.api_key is None:
            raise _wrong("api_key", "must be given anew with another base_url.")
        await queries.change(
            db,
            {**asdict(row), **columns, "base_url": base_url},
            sealed_key=_sealed(owner, provider_id, base_url, changes.api_key),
            keeps_key=changes.api_key is None,
        )
        return _provider(await queries.provider(db, provider_id))


async def delete_provider(provider_id: UUID, owner: Owner) -> None:
    """Remove a provider, and its key for good. What it was used for stays in the ledger."""
    async with owner.transaction() as db:
        await queries.delete(db, provider_id)


async def test_provider(provider_id: UUID, owner: Owner, request: Request, response: Response) -> ProviderTest:
    """See what works of a provider, also of one that is switched off. While a test is under way, no other begins."""
    test_id = new_id()
    async with owner.transaction() as db:
        await queries.provider(db, provider_id)
        if await queries.ask_test(db, provider_id, test_id):
            message = TryProvider(tenant_id=owner.tenant_id, test_id=test_id)
            await outbox.post(db, PROVIDER_TESTS, wrap(message, source="api", trace=owner.trace))
        row = await queries.test(db, provider_id)
    owner.context.hint.ring()
    response.headers["Location"] = request.url.path
    return _test(row)


async def get_test(provider_id: UUID, owner: Owner) -> ProviderTest:
    """The newest test of a provider."""
    async with owner.transaction() as db:
        await queries.provider(db, provider_id)
        return _test(await queries.test(db, provider_id))


def router_of(prefix: str, tag: str, *, read: Permission, change: Permission) -> APIRouter:
    """The routes of providers under a prefix. read, change: who may look at them, and who may set them up."""
    router = APIRouter(prefix=prefix, tags=[tag])
    one, test = "/{provider_id}", "/{provider_id}/test"
    made = guarded(change, ProviderNameTaken, ProviderKeysOff, RateLimited, body=True)
    changed = guarded(change, ProviderNotFound, ProviderNameTaken, ProviderKeysOff, RateLimited, body=True)
    router.post("", status_code=201, **made)(create_provider)
    router.get("", **guarded(read, InvalidCursor))(list_providers)
    router.get(one, **guarded(read, ProviderNotFound))(get_provider)
    router.patch(one, **changed)(change_provider)
    router.delete(one, status_code=204, **guarded(change, ProviderNotFound))(delete_provider)
    router.post(test, status_code=202, **guarded(change, ProviderNotFound))(test_provider)
    router.get(test, **guarded(read, ProviderNotFound, ProviderNotTested))(get_test)
    return router


router = router_of("/v1/providers", "providers", read=Permission.READ, change=Permission.PROVIDE)


async def _check(tenant: Tenant, base_url: str) -> None:
    try:
        await check_reachable(base_url, hosts_of(tenant.context.settings.provider_hosts))
    except AddressRefused as error:
        raise _wrong("base_url", f"{error}.") from error


def _sealed(tenant: Tenant, provider_id: UUID, base_url: str, api_key: SecretStr | None) -> bytes | None:
    if api_key is None:
        return None
    public_key = tenant.context.settings.provider_public_key
    if not public_key:
        raise ProviderKeysOff
    # Not before it is needed: the library takes a while to load.
    from sightglass_common.provider_keys import sealed_key  # noqa: PLC0415

    secret = api_key.get_secret_value()
    return sealed_key(public_key, secret, tenant_id=tenant.tenant_id, provider_id=provider_id, base_url=base_url)


def _wrong(field: str, detail: str) -> InvalidRequest:
    return InvalidRequest(f"/{field}: {detail}", errors=[{"pointer": f"/{field}", "detail": detail}])


def _test(row: TestRow) -> ProviderTest:
    return ProviderTest.model_validate({**asdict(row), "status": "done" if row.finished_at else "running"})


def _provider(row: ProviderRow) -> Provider:
    return Provider.model_validate(asdict(row))
