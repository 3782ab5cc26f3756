"""Ranges of keys that are listed side by side."""

from sightglass_common.migrations.statements import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0014_key_ranges.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0014_key_ranges.down.sql")
