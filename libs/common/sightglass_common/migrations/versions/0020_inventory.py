"""Scans of what an S3 inventory lists."""

from sightglass_common.migrations.statements import run_sql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0020_inventory.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0020_inventory.down.sql")
