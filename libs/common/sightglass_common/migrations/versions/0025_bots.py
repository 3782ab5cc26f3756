"""Bots: what questions are answered from, under a name; each change is a version."""

from sightglass_common.migrations.statements import run_sql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0025_bots.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0025_bots.down.sql")
