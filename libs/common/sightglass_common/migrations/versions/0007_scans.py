"""Scans of buckets, their parts, counters and findings."""

from sightglass_common.migrations.statements import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0007_scans.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0007_scans.down.sql")
