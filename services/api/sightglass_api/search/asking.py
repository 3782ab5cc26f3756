"""A question as it may be searched for: redacted, and as a vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sightglass_api.auth import Tenant
from sightglass_detect import Redacted, Settings, redact, scan
from sightglass_retrieval.minilm import MiniLM

# As documents are redacted: hidden characters and encodings hide nothing.
_SETTINGS: Final = Settings(normalise=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """vector: None where no model is installed."""

    text: Redacted
    vector: Sequence[float] | None


def asked(query: str, embedder: MiniLM | None) -> Asked:
    """A question as it may be searched for. embedder: None where there is no model."""
    text = without_values(query)
    return Asked(text, None if embedder is None else embedder.embed([text])[0].tolist())


async def as_stored(tenant: Tenant, text: str) -> str:
    """A text of the caller's as it may be stored. Raises RateLimited."""
    return str(await tenant.context.looking.run(tenant.tenant_id, lambda: without_values(text)))


def without_values(text: str) -> Redacted:
    """A text of the caller's as it may be stored and looked for: tokens stand for what is sensitive."""
    return redact(text, scan(text, settings=_SETTINGS))
