"""Publishable keys: pages in the open ask one bot with them; and whose conversation each is."""

from sightglass_common.migrations.statements import run_sql

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0035_publishable_keys.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0035_publishable_keys.down.sql")
