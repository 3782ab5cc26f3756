"""Ranges of long films, each a job of its own."""

from sightglass_common.migrations.statements import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0006_ranges.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0006_ranges.down.sql")
