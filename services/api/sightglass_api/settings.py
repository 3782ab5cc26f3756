"""Settings of the API, the relay and the command line beside them."""

from typing import Annotated

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt

from sightglass_common.addresses import HOSTS_SETTING
from sightglass_common.settings import Settings, is_half_of_a_pair

_GIGABYTE = 1_000_000_000


class ApiSettings(Settings):
    """What the API needs beyond what every service needs."""

    max_body_bytes: PositiveInt = Field(default=1_048_576, description="Largest request body that is read.")
    max_upload_bytes: int = Field(
        default=50 * _GIGABYTE,
        ge=0,
        le=5 * 1024**4,  # S3 takes no larger object
        description="Largest object that may be announced for an upload.",
    )
    upload_expires_s: PositiveInt = Field(default=86_400, description="Seconds until an upload must be completed.")
    upload_link_s: int = Field(default=3_600, ge=1, le=604_800, description="Life of a link that takes an upload.")
    link_s: int = Field(default=900, ge=1, le=604_800, description="Life of a link to a thumbnail or an original.")
    public_s3_url: str | None = Field(
        default=None, description="Address of S3 as clients see it, where it differs from the service's own."
    )
    pipeline_timeout_s: PositiveFloat = Field(
        default=30.0, description="Seconds that /health/analysis-pipeline waits for its video."
    )
    pipeline_every_s: PositiveFloat = Field(
        default=60.0, description="Seconds for which a result of /health/analysis-pipeline is given again."
    )
    exports_at_once: PositiveInt = Field(
        default=2, description="Exports of findings that a process sends at once; each holds a database connection."
    )
    reveal_wait_s: PositiveFloat = Field(
        default=30.0, description="Seconds that a reveal waits for a scanner to read the object."
    )
    provider_public_key: Annotated[str, AfterValidator(is_half_of_a_pair)] = Field(
        default="",
        description="Seals the keys of tenants' providers to chat: the other half of what chat opens them with. "
        "Without it no key is taken.",
    )
    provider_hosts: str = Field(default="", description=HOSTS_SETTING)
    reveals_a_minute: PositiveInt = Field(default=30, description="Values that a tenant may have revealed in a minute.")
    widget_questions_a_minute: PositiveInt = Field(
        default=10, description="Questions that visitors of a page may ask from one address with one publishable key."
    )
