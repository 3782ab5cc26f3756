"""What scans have looked through, and samples."""

from sightglass_common.migrations.statements import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0013_looks.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0013_looks.down.sql")
