"""Bring a database to a revision, and give the services' roles their passwords."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

ROLES = ("sightglass_api", "sightglass_relay", "sightglass_worker", "sightglass_scanner", "sightglass_chat")

_HERE = Path(__file__).parent


def _config(url: str = "") -> Config:
    config = Config()
    # Alembic expands % in its options; a checkout may lie in a folder with one in its name.
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    scheme, _, rest = url.partition("://")
    config.attributes["url"] = f"{scheme}+psycopg://{rest}"
    return config


def head() -> str:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def upgrade(url: str, revision: str = "head") -> None:
    """Upgrade the database at `url` (postgresql://, as its owner or a superuser)."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Downgrade the database at `url`. To `base` drops every table of ours."""
    command.downgrade(_config(url), revision)


def set_role_passwords(url: str, password: str) -> None:
    """Give the services' roles a password, so that they can log in over TCP."""
    with psycopg.connect(url) as db:
        for role in ROLES:
            db.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
