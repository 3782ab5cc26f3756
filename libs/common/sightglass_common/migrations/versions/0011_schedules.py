"""Schedules: what is scanned again and again, and when."""

from sightglass_common.migrations.statements import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0011_schedules.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0011_schedules.down.sql")
