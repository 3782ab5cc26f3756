"""What an operator chooses: which provider names what frames show, what it needs to be told, and what it may cost."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import SecretStr

ProviderName: TypeAlias = Literal["off", "rekognition", "bedrock", "openai", "anthropic"]


@dataclass(frozen=True, slots=True)
class LabelLimits:
    """What one analysis may cost. calls: retries among them. max_labels: for each frame."""

    frames_per_scene: int = 1
    frames: int = 60
    calls: int = 120
    max_labels: int = 10


def missing(name: ProviderName, *, model: str, base_url: str, api_key: SecretStr | None) -> str | None:
    """What a provider needs and is not given, as a sentence for whoever sets it."""
    if name in {"bedrock", "openai", "anthropic"} and not model:
        return f"SIGHTGLASS_LABEL_PROVIDER={name} needs SIGHTGLASS_LABEL_MODEL."
    if name in {"openai", "anthropic"} and not base_url:
        return f"SIGHTGLASS_LABEL_PROVIDER={name} needs SIGHTGLASS_LABEL_BASE_URL."
    if name == "anthropic" and not api_key:
        return "SIGHTGLASS_LABEL_PROVIDER=anthropic needs SIGHTGLASS_LABEL_API_KEY."
    return None
