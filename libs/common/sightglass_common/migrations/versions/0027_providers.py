"""Providers of models that write answers, and what each answer took."""

from sightglass_common.migrations.statements import run_sql

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0027_providers.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0027_providers.down.sql")
