"""A tenant's own detectors, allow lists and thresholds."""

from sightglass_common.migrations.statements import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0012_own_detectors.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0012_own_detectors.down.sql")
