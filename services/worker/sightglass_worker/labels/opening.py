"""The provider that the settings name."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, ClientTimeout
from pydantic import SecretStr

from sightglass_worker.labels.anthropic import Anthropic
from sightglass_worker.labels.aws import open_client
from sightglass_worker.labels.bedrock import Bedrock
from sightglass_worker.labels.choice import ProviderName, missing
from sightglass_worker.labels.openai_compatible import OpenAiCompatible
from sightglass_worker.labels.provider import LabelProvider
from sightglass_worker.labels.rekognition import Rekognition


@asynccontextmanager
async def open_provider(
    name: ProviderName, *, model: str = "", base_url: str = "", api_key: SecretStr | None = None
) -> AsyncGenerator[LabelProvider | None]:
    """The provider of that name, None for `off`.

    Those of AWS take region and credentials from the SDK's own variables; base_url stands in for their address.
    Raises ValueError for what `missing` finds.
    """
    if problem := missing(name, model=model, base_url=base_url, api_key=api_key):
        raise ValueError(problem)
    if name == "off":
        yield None
    elif name == "rekognition":
        async with open_client("rekognition", base_url or None) as client:
            yield Rekognition(client)
    elif name == "bedrock":
        async with open_client("bedrock-runtime", base_url or None) as client:
            yield Bedrock(client, model=model)
    else:
        async with _session() as http:
            if name == "openai":
                yield OpenAiCompatible(http, base_url=base_url, model=model, api_key=api_key)
            else:
                yield Anthropic(http, base_url=base_url, model=model, api_key=api_key)


def _session() -> ClientSession:
    """Proxies as the environment says. The time limit is `retrying`'s; a packed answer could unpack to any size."""
    return ClientSession(trust_env=True, timeout=ClientTimeout(total=None), auto_decompress=False)
