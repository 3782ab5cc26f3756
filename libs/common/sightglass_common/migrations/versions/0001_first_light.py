"""Tenants, keys, uploads, videos, analyses, jobs, the outbox, and who may touch them."""

from sightglass_common.migrations.statements import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0001_first_light.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0001_first_light.down.sql")
