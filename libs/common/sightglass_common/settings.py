"""Settings that every service has. A service adds its own in a subclass; docs/settings.md is made from them."""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import TypeVar

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound=BaseSettings)


class Settings(BaseSettings):
    """What every service needs, from the environment (prefix `SIGHTGLASS_`).

    AWS is configured by its own variables (`AWS_ENDPOINT_URL`, `AWS_REGION`, credentials), which the SDK reads.
    """

    model_config = SettingsConfigDict(env_prefix="SIGHTGLASS_", extra="ignore", frozen=True)

    database_url: SecretStr = Field(description="Postgres, as the service's own role.")
    database_pool_size: PositiveInt = Field(default=8, description="Connections that a process keeps at most.")
    bucket: str = Field(default="sightglass", description="The platform's own bucket: uploads and artifacts.")
    queue_prefix: str = Field(default="", description="Put before every queue's name.")
    host: str = Field(default="127.0.0.1", description="Address that the service listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the service; health and metrics too.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    shutdown_grace_s: PositiveFloat = Field(
        default=25.0,
        description="Seconds that work under way gets after SIGTERM; below the orchestrator's 30.",
    )


class ConsumerSettings(Settings):
    """What a service that consumes queues needs beyond that."""

    lease_s: PositiveFloat = Field(
        default=30.0, description="Seconds without a sign of life after which another process may take the work."
    )
    visibility_timeout_s: PositiveInt = Field(
        default=30, le=43_200, description="Seconds after which a killed process' message is delivered again."
    )
    receive_wait_s: NonNegativeInt = Field(
        default=5, le=20, description="Length of a long poll; a stop waits for the one under way."
    )


def is_half_of_a_pair(encoded: str) -> str:
    """A half of a pair as `sightglass_common.provider_keys` prints it, or nothing. Raises ValueError."""
    try:
        size = len(b64decode(encoded, validate=True))
    except NotBase64:
        size = -1
    if size not in {0, 32}:
        raise ValueError("is not 32 bytes in base64")
    return encoded


def from_environment(cls: type[S]) -> S:
    """Read settings; when one is missing or wrong, say which and end the process."""
    try:
        return cls()
    except ValidationError as error:
        prefix = cls.model_config.get("env_prefix", "")
        wrong = "\n".join(
            f"  {_variable(prefix, e['loc'])}{e['msg'].removeprefix('Value error, ')}" for e in error.errors()
        )
        raise SystemExit(f"These settings are missing or wrong (docs/settings.md):\n{wrong}") from error


def _variable(prefix: str, place: tuple[int | str, ...]) -> str:
    """Which variable is wrong; nothing where it takes several, which the message names."""
    return f"{prefix}{str(place[0]).upper()}: " if place else ""
