"""What detectors know of a finding besides."""

from sightglass_common.migrations.statements import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0016_finding_detail.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0016_finding_detail.down.sql")
