"""`python -m sightglass_common.migrations upgrade|downgrade [REVISION]`, for operators and the embedded stack."""

import argparse

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from sightglass_common.migrations import run
from sightglass_common.settings import from_environment


class MigrationSettings(BaseSettings):
    """What a migration needs, from the environment."""

    model_config = SettingsConfigDict(env_prefix="SIGHTGLASS_", extra="ignore")

    migrate_url: SecretStr = Field(description="Postgres, as the owner of the tables.")
    role_password: SecretStr | None = Field(
        default=None, description="When set, becomes the password of the three services' roles."
    )


def main() -> None:
    """Migrate, then set passwords when asked to."""
    parser = argparse.ArgumentParser(prog="python -m sightglass_common.migrations", description=__doc__)
    parser.add_argument("direction", choices=("upgrade", "downgrade"))
    parser.add_argument("revision", nargs="?")
    arguments = parser.parse_args()
    settings = from_environment(MigrationSettings)
    url = settings.migrate_url.get_secret_value()
    if arguments.direction == "downgrade":
        run.downgrade(url, arguments.revision or "base")
        return
    run.upgrade(url, arguments.revision or "head")
    if settings.role_password:
        run.set_role_passwords(url, settings.role_password.get_secret_value())


if __name__ == "__main__":
    main()
