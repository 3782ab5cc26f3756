"""The provider that a tenant has described."""

from typing import Literal, TypeAlias

from pydantic import SecretStr

from sightglass_chat.providers.adapting import Refusals
from sightglass_chat.providers.anthropic import Anthropic
from sightglass_chat.providers.bedrock import Bedrock
from sightglass_chat.providers.openai_compatible import OpenAiCompatible
from sightglass_chat.providers.provider import Provider
from sightglass_common.outward import Outward

Kind: TypeAlias = Literal["openai", "anthropic", "bedrock"]


def provider_of(
    outward: Outward,
    kind: Kind,
    *,
    base_url: str,
    region: str,
    api_key: SecretStr | None,
    refusals: Refusals | None = None,
) -> Provider:
    """What speaks as `kind` does. region: of AWS; others have none.

    refusals: what is known of what servers do not take.
    """
    known = refusals or Refusals()
    if kind == "bedrock":
        return Bedrock(outward, base_url=base_url, region=region, api_key=api_key, refusals=known)
    if kind == "anthropic":
        return Anthropic(outward, base_url=base_url, api_key=api_key, refusals=known)
    return OpenAiCompatible(outward, base_url=base_url, api_key=api_key, refusals=known)
