"""A question as it may be searched for: redacted, and as a vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sightglass_api.auth import Tenant
from sightglass_common import redaction_queries
from sightglass_common.errors import UnknownDetectors
from sightglass_common.redaction_queries import Rules
from sightglass_detect import Redacted, UnusablePattern, described_settings, redact, scan
from sightglass_retrieval.minilm import MiniLM

_LEAST_CONFIDENCE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """vector: None where no model is installed."""

    text: Redacted
    vector: Sequence[float] | None


def asked(query: str, rules: Rules, embedder: MiniLM | None) -> Asked:
    """A question as it may be searched for. embedder: None where there is no model. Raises UnknownDetectors."""
    text = without_values(query, rules)
    return Asked(text, None if embedder is None else embedder.embed([text])[0].tolist())


async def as_stored(tenant: Tenant, text: str, *, most_chars: int | None = None) -> str:
    """A text of the caller's as it may be stored. Raises RateLimited, UnknownDetectors.

    most_chars: what its column takes. Tokens are longer than short values; what does not fit is cut off.
    """
    (stored,) = await all_as_stored(tenant, [text])
    return stored[:most_chars]


async def all_as_stored(tenant: Tenant, texts: Sequence[str]) -> list[str]:
    """Texts of the caller's as they may be stored. Raises RateLimited, UnknownDetectors."""
    rules = await rules_of(tenant)
    return await tenant.context.looking.run(
        tenant.tenant_id, lambda: [str(without_values(text, rules)) for text in texts]
    )


async def rules_of(tenant: Tenant) -> Rules:
    """What the tenant's texts are redacted by now."""
    async with tenant.transaction() as db:
        return await redaction_queries.rules(db)


def without_values(text: str, rules: Rules) -> Redacted:
    """A text of the caller's as it may be stored and looked for: tokens stand for what is sensitive.

    It is redacted as documents are. Raises UnknownDetectors for a detector of the tenant's that cannot be run.
    """
    try:
        settings = described_settings(rules.described, detectors=None, min_confidence=_LEAST_CONFIDENCE)
    except UnusablePattern as error:
        raise UnknownDetectors(str(error)) from error
    return redact(text, scan(text, settings=settings))
