"""Who visits: the publishable key in the address, the page's origin, and how often it is used."""

import hashlib
import secrets
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Depends, Header, Request

from sightglass_api import keys
from sightglass_api.auth import Tenant, admitted
from sightglass_api.context import context_of
from sightglass_api.widget import queries
from sightglass_api.widget.queries import PublishedRow
from sightglass_common.db import Db
from sightglass_common.errors import Forbidden, KeyNotFound, RateLimited, Unauthenticated

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
# Each question is followed once, and again where the way broke.
_FOLLOWS_A_QUESTION: Final = 6
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody on a page whose origin the key is bound to. client: a hash of the address."""

    tenant: Tenant
    key: PublishedRow
    client: bytes

    async def count(self, kind: Literal["ask", "follow"]) -> None:
        """Count a use of the key. Raises RateLimited; such a use is not counted."""
        a_minute = self.tenant.context.settings.widget_questions_a_minute
        async with self.tenant.transaction() as db:
            uses = await queries.use(db, self.tenant.tenant_id, self.key.key_id, kind, self.client)
            if uses.client > a_minute * (1 if kind == "ask" else _FOLLOWS_A_QUESTION):
                raise RateLimited("Too much is asked from this address.", retry_after_s=_MINUTE_S)
            if kind == "ask" and uses.all > self.key.questions_a_day:
                raise RateLimited("All that may be asked here in a day was asked.", retry_after_s=_HOUR_S)

    async def check(self, db: Db, conversation_id: UUID, secret: str) -> None:
        """Raise ConversationNotFound unless the conversation is this visitor's."""
        await queries.check_visit(db, conversation_id, hash_of(secret))


async def visitor(request: Request, key: str, origin: Annotated[str, Header()] = "") -> Visitor:
    """Who visits. Raises Unauthenticated for a key that admits nobody, Forbidden for a page of another origin."""
    parsed = keys.parse(key)
    if parsed is None or parsed.prefix != keys.PUBLISHABLE:
        raise Unauthenticated
    context = context_of(request)
    tenant = Tenant(context, await admitted(context, parsed), request.state.trace)
    async with tenant.transaction() as db:
        try:
            row = await queries.published(db, parsed.key_id)
        except KeyNotFound as error:
            raise Unauthenticated from error
    if not row.is_for(origin):
        raise Forbidden("The key is not for pages of this origin.")
    request.state.page_origin = origin  # from here on the page may read what is answered: see cors.py
    return Visitor(tenant, row, _client(request, parsed.key_id))


Visiting = Annotated[Visitor, Depends(visitor)]
VisitorSecret = Annotated[str, Header(alias="X-Visitor-Secret", max_length=100)]


def new_secret() -> str:
    """What tells a visitor from all others that have the same key."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret. It has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).digest()


def _client(request: Request, key_id: str) -> bytes:
    """A hash of where a request comes from; of IPv6 the network, as one household has all of its addresses."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        part = host.encode()
    else:
        part = address.packed[:8] if isinstance(address, IPv6Address) else address.packed
    return hashlib.sha256(key_id.encode() + b"\0" + part).digest()[:16]
