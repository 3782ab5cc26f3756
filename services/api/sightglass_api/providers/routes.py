"""Providers: added, looked at, changed and removed. The API seals their keys, and cannot open them again."""

from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import SecretStr

from sightglass_api import cursors
from sightglass_api.auth import CallersTenant, Tenant, TenantDb
from sightglass_api.permissions import Permission
from sightglass_api.providers import queries
from sightglass_api.providers.queries import ProviderRow, TestRow
from sightglass_api.providers.schemas import NewProvider, Provider, ProviderChanges, ProviderTest
from sightglass_api.routing import guarded
from sightglass_common import outbox
from sightglass_common.addresses import AddressRefused, check_reachable, hosts_of
from sightglass_common.dataset_errors import ProviderKeysOff, ProviderNameTaken, ProviderNotFound, ProviderNotTested
from sightglass_common.errors import InvalidCursor, InvalidRequest
from sightglass_common.ids import new_id
from sightglass_common.messages import TryProvider, wrap
from sightglass_common.queues import PROVIDER_TESTS

router = APIRouter(prefix="/v1/providers", tags=["providers"])

_LISTING: Final = "providers"


@router.post("", status_code=201, **guarded(Permission.PROVIDE, ProviderNameTaken, ProviderKeysOff, body=True))
async def create_provider(new: NewProvider, tenant: CallersTenant, response: Response) -> Provider:
    """Add a provider. From the next question on its model writes the answers of the tenant, if it is first in rank."""
    await _check(tenant, new.address)
    provider_id = new_id()
    columns: dict[str, Any] = {
        **new.model_dump(exclude={"api_key"}),
        "tenant_id": tenant.tenant_id,
        "provider_id": provider_id,
        "base_url": new.address,
        "region": new.region or "",
        "sealed_key": _sealed(tenant, provider_id, new.address, new.api_key),
    }
    async with tenant.transaction() as db:
        await queries.insert(db, columns)
        row = await queries.provider(db, provider_id)
    response.headers["Location"] = f"/v1/providers/{provider_id}"
    return _provider(row)


@router.get("", **guarded(Permission.READ, InvalidCursor))
async def list_providers(
    db: TenantDb, limit: cursors.Limit = 50, cursor: cursors.Cursor = None
) -> cursors.Page[Provider]:
    """The tenant's providers, the newest first."""
    rows = await queries.providers(db, before=cursors.decode_id(_LISTING, cursor), limit=limit + 1)
    return cursors.page(_LISTING, [_provider(row) for row in rows], limit, lambda one: str(one.provider_id))


@router.get("/{provider_id}", **guarded(Permission.READ, ProviderNotFound))
async def get_provider(provider_id: UUID, db: TenantDb) -> Provider:
    """One provider, with what it was used for this month."""
    return _provider(await queries.provider(db, provider_id))


@router.patch(
    "/{provider_id}", **guarded(Permission.PROVIDE, ProviderNotFound, ProviderNameTaken, ProviderKeysOff, body=True)
)
async def change_provider(provider_id: UUID, changes: ProviderChanges, tenant: CallersTenant) -> Provider:
    """Change a provider. A key goes to no other address than that which it was given for."""
    async with tenant.transaction() as db:
        await queries.provider(db, provider_id)
    if changes.base_url is not None:
        await _check(tenant, changes.base_url)
    async with tenant.transaction() as db:
        row = await queries.provider(db, provider_id, lock=True)
        base_url = changes.base_url or row.base_url
        if base_url != row.base_url and row.has_key and changes.api_key is None:
            raise _wrong("api_key", "must be given anew with another base_url.")
        await queries.change(
            db,
            {**asdict(row), **changes.columns(), "base_url": base_url},
            sealed_key=_sealed(tenant, provider_id, base_url, changes.api_key),
            keeps_key=changes.api_key is None,
        )
        return _provider(await queries.provider(db, provider_id))


@router.delete("/{provider_id}", status_code=204, **guarded(Permission.PROVIDE, ProviderNotFound))
async def delete_provider(provider_id: UUID, db: TenantDb) -> None:
    """Remove a provider, and its key for good. What it was used for stays in the ledger."""
    await queries.delete(db, provider_id)


@router.post("/{provider_id}/test", status_code=202, **guarded(Permission.PROVIDE, ProviderNotFound))
async def test_provider(provider_id: UUID, tenant: CallersTenant, response: Response) -> ProviderTest:
    """See what works of a provider, also of one that is switched off. While a test is under way, no other begins."""
    test_id = new_id()
    async with tenant.transaction() as db:
        await queries.provider(db, provider_id)
        if await queries.ask_test(db, provider_id, test_id):
            message = TryProvider(tenant_id=tenant.tenant_id, test_id=test_id)
            await outbox.post(db, PROVIDER_TESTS, wrap(message, source="api", trace=tenant.trace))
        row = await queries.test(db, provider_id)
    tenant.context.hint.ring()
    response.headers["Location"] = f"/v1/providers/{provider_id}/test"
    return _test(row)


@router.get("/{provider_id}/test", **guarded(Permission.READ, ProviderNotFound, ProviderNotTested))
async def get_test(provider_id: UUID, db: TenantDb) -> ProviderTest:
    """The newest test of a provider."""
    await queries.provider(db, provider_id)
    return _test(await queries.test(db, provider_id))


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
